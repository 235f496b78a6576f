import type { ServiceContext } from './context.ts'

const OWN_CONTAINER =
  'Inside its own container a service may do this already; the container is separated from the host by user ids of its own.'

/** `devices`, `cap_add`, `privileged` and `sysctls`: what the manifest can ask for is asked for. */
export function carryDevices(context: ServiceContext): void {
  const { service, conversion } = context
  for (const [index, given] of (service.devices ?? []).entries()) {
    const source = typeof given === 'string' ? (given.split(':')[0] ?? '') : given.source
    carryDevice(context, ['devices', index], source)
  }
  for (const [index, capability] of (service.cap_add ?? []).entries()) {
    if (/^(CAP_)?NET_ADMIN$/.test(capability)) conversion.devices.virtualNetworking = true
    const reach = /SYS_(MODULE|RAWIO|TIME|BOOT)|MAC_/.test(capability)
    if (reach)
      context.list('problem', ['cap_add', index], 'This changes the host itself, which no service may do.')
    else context.list('none', ['cap_add', index], OWN_CONTAINER)
  }
  if (service.privileged === true)
    context.list(
      'problem',
      ['privileged'],
      'A service never gets the rights of the host. Inside its container it may do much; devices other than graphics, /dev/net/tun and /dev/fuse are out of reach.',
    )
  else if (service.privileged === false) context.use('privileged')
  if (Array.isArray(context.raw['sysctls'])) context.use('sysctls')
  for (const [name, value] of service.sysctls ?? []) {
    const path = name.replaceAll('.', '/')
    if (path.startsWith('net/') && value !== null) {
      conversion.sysctls.set(path.slice('net/'.length), context.fixed(['sysctls', name], value))
      context.use('sysctls', name)
    } else
      context.list(
        'left',
        ['sysctls', name],
        'Only settings of the network (net.…) belong to a service; this one stays as on the host.',
      )
  }
}

function carryDevice(context: ServiceContext, rest: (string | number)[], source: string): void {
  const { devices } = context.conversion
  if (/^\/dev\/(dri|kfd|nvidia)/.test(source)) devices.hardwareAcceleration = true
  else if (source === '/dev/net/tun') devices.virtualNetworking = true
  else if (source === '/dev/fuse') devices.userspaceFilesystems = true
  else {
    context.list(
      'problem',
      rest,
      `${source} of the host cannot be reached from a service; what needs it does not work.`,
    )
    return
  }
  context.use(...rest)
}
