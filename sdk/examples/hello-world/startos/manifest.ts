import { setupManifest } from '@startd/sdk'

export const manifest = setupManifest({
  id: 'hello-world',
  title: 'Hello World',
  license: 'MIT',
  packageRepo: 'https://example.com/startd/hello-world',
  upstreamRepo: 'https://git.busybox.net/busybox',
  marketingUrl: 'https://busybox.net/',
  donationUrl: null,
  description: {
    short: 'A web page of your own that says hello',
    long: 'The smallest service that is still useful: a web page whose greeting and colour you choose. Install it to see how a service is started, opened, changed and removed, or read its source to learn how a package is made.',
  },
  volumes: ['main'],
  images: {
    main: { source: 'packed', arch: ['x86_64', 'aarch64', 'riscv64'] },
  },
  dependencies: {},
})
