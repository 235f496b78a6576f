import { setupManifest } from '@startd/sdk'

export const manifest = setupManifest({
  id: 'syncthing',
  title: 'Syncthing',
  license: 'MPL-2.0',
  packageRepo: 'https://example.com/startd/syncthing',
  upstreamRepo: 'https://github.com/syncthing/syncthing',
  marketingUrl: 'https://syncthing.net/',
  donationUrl: 'https://syncthing.net/donations/',
  description: {
    short: 'Keeps folders the same on all your devices',
    long: 'Syncthing copies the files of a folder between your phone, laptop and server whenever they change, directly and encrypted, without a company in between. With your server as one of the devices, there is always one that is switched on, and your files are part of its backup.',
  },
  volumes: ['main', 'data'],
  images: {
    main: { source: 'packed', arch: ['x86_64', 'aarch64', 'riscv64'] },
  },
  dependencies: {},
})
