import { CodedError } from '@startd/base/errors.ts'
import { type DriverOptions, type HostProblem, LxcDriver } from '../container/index.ts'
import type { ServerDb } from '../db/index.ts'
import { DnsRelay } from '../net/index.ts'
import { Services } from '../service/index.ts'
import type { ServerLog } from '../system/logs/index.ts'
import type { OpenedServices } from './daemon.ts'

export interface ServiceHost extends Pick<DriverOptions, 'rootfs' | 'helper' | 'runtime'> {
  readonly data: string
  readonly listen: string
  readonly version: string
}

/** Readies this machine for containers and finds the services in them; throws Lxc with all that is missing. */
export async function openServices(host: ServiceHost, db: ServerDb, log: ServerLog): Promise<OpenedServices> {
  const line = (text: string) => log.info(text)
  const { data: dataDir, rootfs, helper, runtime } = host
  await using parts = new AsyncDisposableStack()
  const driver = new LxcDriver({ dataDir, rootfs, helper, runtime, log: line })
  const problems = await driver.check()
  if (problems.length > 0) throw new CodedError('Lxc', describe(problems), { info: problems })
  parts.defer(() => driver.close())
  await driver.open()
  try {
    const names = await DnsRelay.listen(driver.hostAddress)
    parts.defer(() => names.close())
  } catch (error) {
    // A name server of this machine that listens everywhere: it hears the containers' questions too.
    log.warn('services will ask the name server that already runs on this machine', { error: String(error) })
  }
  const { listen: listenAddress, version } = host
  const control = new Services({ db, containers: driver, dataDir, listenAddress, version, log: line })
  parts.defer(() => control.close())
  const opened = parts.move()
  return { control, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

/** Ends all containers of a data directory, and takes back what they needed of this machine. */
export async function takeDown(
  { data: dataDir, rootfs, helper, runtime }: Omit<ServiceHost, 'listen' | 'version'>,
  log: ServerLog,
): Promise<void> {
  await new LxcDriver({ dataDir, rootfs, helper, runtime, log: (text) => log.info(text) }).down()
}

function describe(problems: readonly HostProblem[]): string {
  const packages = [...new Set(problems.flatMap((problem) => problem.packages))]
  const lines = problems.map(({ what, fix }) => `${what}. ${fix}`)
  const hint =
    packages.length > 0 ? [`Install what is missing with: apt-get install ${packages.join(' ')}`] : []
  return ['This machine cannot run services yet:', ...lines, ...hint].join('\n')
}
