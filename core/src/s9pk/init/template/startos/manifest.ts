import { setupManifest } from '@startd/sdk'

export const manifest = setupManifest({
  id: '{{id}}',
  title: '{{title}}',
  license: 'MIT',
  packageRepo: 'https://example.com/{{id}}',
  upstreamRepo: 'https://git.busybox.net/busybox',
  marketingUrl: 'https://busybox.net/',
  donationUrl: null,
  description: {
    short: 'A web page of your own',
    long: 'Replace this text: say what the service is good for, and whom it is made for.',
  },
  // Lasting storage. Everything else is gone when the service stops.
  volumes: ['main'],
  // How the image is made is in images.yaml.
  images: { main: { source: 'packed', arch: ['x86_64', 'aarch64'] } },
  dependencies: {},
})
