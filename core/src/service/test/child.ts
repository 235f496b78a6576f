/* A daemon that is meant to be killed: `child.ts <place as JSON> [archive to install | uninstall:<id>]`. */
import { install } from './packages.ts'
import { startDaemon, type Place } from './world.ts'

const [place = '', command] = process.argv.slice(2)
const daemon = await startDaemon(JSON.parse(place) as Place)
process.send?.('started')
if (command?.startsWith('uninstall:')) {
  await daemon.services.uninstall(command.slice('uninstall:'.length), { soft: false, force: false })
} else if (command !== undefined) {
  void install(daemon.services, command).then(
    () => process.send?.('installed'),
    (error: unknown) => process.send?.(String(error)),
  )
}
