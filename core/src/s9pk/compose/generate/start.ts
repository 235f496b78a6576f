import type { ProjectPlan } from '../model.ts'
import { array, object, print, quoted } from './code.ts'

/** `startos/start.ts`: what each part of the service has in its subcontainer before it starts. */
export function startFile(plan: ProjectPlan): string {
  const files = plan.services.some((service) => service.files.length > 0)
  const gateway = [...plan.extraHosts.values()].includes('host-gateway')
  const others = object([...plan.extraHosts].map(([name, address]) => [name, quoted(address)] as const))
  const othersCode = `
/** Further names, with the addresses behind them. */
const OTHERS: Record<string, string> = ${print(others, 0, 39)}
`
  const resolve = gateway
    ? "        const where = address === 'host-gateway' ? await serverAddress() : address\n"
    : ''
  const otherLines = `      for (const [name, address] of Object.entries(OTHERS)) {
${resolve}        lines.push(\`\${${gateway ? 'where' : 'address'}} \${name}\`)
      }
`
  return `${gateway ? "import { readFile } from 'node:fs/promises'\n" : ''}import { hostname } from 'node:os'
import type { sdk } from './sdk.ts'

/** Under these names the parts of this service call each other. They share one network: all of them are here. */
const NAMES = ${print(array(plan.names.map(quoted)), 0, 14)}
${plan.extraHosts.size > 0 ? othersCode : ''}
type SubContainer = Pick<ReturnType<typeof sdk.SubContainer.of>, 'writeFile'>
${files ? '\n/** A file that is made when the service starts. */\ninterface StartFile {\n  path: string\n  content: string\n  mode: number\n}\n' : ''}
/** Runs a command after its subcontainer has been given the names of the others${files ? ' and the files that it needs' : ''}. */
export function startWith<Command>(command: Command${files ? ', files: StartFile[] = []' : ''}) {
  return {
    fn: async (subcontainer: SubContainer): Promise<Command> => {
      const lines = [\`127.0.0.1 localhost \${hostname()} \${NAMES.join(' ')}\`, '::1 localhost']
${plan.extraHosts.size > 0 ? otherLines : ''}      await subcontainer.writeFile('/etc/hosts', \`\${lines.join('\\n')}\\n\`)
${files ? '      for (const { path, content, mode } of files) await subcontainer.writeFile(path, content, { mode })\n' : ''}      return command
    },
  }
}
${gateway ? GATEWAY : ''}`
}

const GATEWAY = `
/** The server, as this container reaches it: its default route (proc(5), little-endian hexadecimal). */
async function serverAddress(): Promise<string> {
  const routes = (await readFile('/proc/net/route', 'utf8')).split('\\n').map((line) => line.split('\\t'))
  const gateway = routes.find(([, destination]) => destination === '00000000')?.[2] ?? '0100007F'
  return Buffer.from(gateway, 'hex').reverse().join('.')
}
`
