import { downloadS9pk } from '../index.ts'

/* A process that downloads and tells how far it is: `<url> <directory>`. */

const [url = '', directory = ''] = process.argv.slice(2)
await downloadS9pk([url], directory, {
  arch: 'x86_64',
  onProgress: (done) => void process.stdout.write(`${done}\n`),
})
