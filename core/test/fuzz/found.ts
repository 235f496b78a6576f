import type { MethodName } from '@startd/base/rpc/contract.ts'

/** Parameters, as they were sent, that were once answered wrongly. They are tried first. */
export const FOUND: readonly (readonly [MethodName, string])[] = [
  ['package.host.list', '{"package":"constructor"}'],
  ['package.host.address.list', '{"package":"constructor","host":"a"}'],
  ['package.host.binding.list', '{"package":"constructor","host":"constructor"}'],
  ['server.set-keyboard', '{"layout":"\\ud800"}'],
  ['db.put.ui', `{"pointer":"${'/'.repeat(4096)}","value":1}`],
]
