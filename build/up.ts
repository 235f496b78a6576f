import { buildArtefacts } from './steps/artefacts.ts'
import { BUILD_PACKAGES, ensureDebianPackages, RUNTIME_PACKAGES } from './steps/debian-packages.ts'
import { daemonArguments } from './steps/daemon.ts'
import { requireHost } from './steps/host.ts'
import { readFlags } from './steps/options.ts'
import { DEFAULT_DATA, NODE } from './steps/paths.ts'
import { say } from './steps/say.ts'

const HELP = `Sets up startd on this machine and runs it.

  npm run up [-- FLAGS]

The first time it installs what is missing (it says what and why), builds the small Debian
that services run in, and builds the web pages: a few minutes. After that it takes seconds.
Then it prints an address to open in a browser. Ctrl-C stops startd: services go on inside, their
pages can be opened only while startd runs, and the next "npm run up" finds them again.
"npm run down" stops everything.

  --data DIR       where startd keeps everything of this server (${DEFAULT_DATA})
  --listen ADDR    address to listen on (127.0.0.1: only this machine can open the page;
                   0.0.0.0: everybody in your network can)
  --port N         port of the web page (8080)
  --ssh-keys FILE  where keys go that you let log in by SSH on the settings page
                   (~/.ssh/authorized_keys; none: nobody is let in)
  --manage-power   let the page restart and switch off the whole machine; without it, it restarts and
                   stops only startd and its services
  -h, --help       this text

What it adds outside the data directory, and "npm run down" takes back: a network bridge and a
firewall table named after this server, a mount in /run/startd, and IPv4 forwarding.
"npm run down -- --purge" also removes the data, the cache of built parts, the SSH keys that you
have given this server, and the id range in /etc/subuid and /etc/subgid. Debian packages stay installed.`

const flags = readFlags(HELP, ['listen', 'port', 'ssh-keys', 'manage-power'])

await requireHost()
await ensureDebianPackages({ ...RUNTIME_PACKAGES, ...BUILD_PACKAGES })
const artefacts = await buildArtefacts()

say('• Starting startd …')
// Becomes the daemon, so that no process stands between it and the terminal.
process.execve?.(NODE, [NODE, ...daemonArguments(flags, artefacts)])
