import { setupManifest } from '@start9labs/start-sdk'

export const manifest = setupManifest({
  id: 'greeter',
  title: 'Greeter',
  license: 'MIT',
  packageRepo: 'https://example.org/greeter-package',
  upstreamRepo: 'https://example.org/greeter',
  marketingUrl: 'https://example.org/greeter',
  donationUrl: null,
  description: {
    short: { en_US: 'A page that greets you', de_DE: 'Eine Seite, die grüßt' },
    long: { en_US: 'Serves one page with a greeting of your choice.' },
  },
  volumes: ['main'],
  images: {
    web: {
      source: { dockerTag: 'busybox:1.36' },
      arch: ['x86_64', 'aarch64', 'riscv64'],
    },
  },
  dependencies: {},
})
