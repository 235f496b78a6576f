import { z } from 'zod'
import { method, type Methods } from './method.ts'
import { None, Nothing, secret } from './params.ts'

const ssid = z.string().min(1).max(128).describe('Name of the network')
const bySsid = z.object({ ssid })

const AvailableWifi = z.object({
  ssid: z.string(),
  strength: z.int().min(0).max(100),
  security: z.array(z.string()),
})
/** `ssids` are the saved networks with their strength, 0…100. */
export const WifiListInfo = z.object({
  ssids: z.record(z.string(), z.int()),
  connected: z.string().nullable(),
  country: z.string().nullable(),
  ethernet: z.boolean(),
  availableWifi: z.array(AvailableWifi),
})

/** rpc-methods.md §3.7. */
export const wifiMethods = {
  'wifi.set-enabled': method(
    'Turn Wi-Fi on or off',
    z.object({ enabled: z.boolean().describe('On; off unless given') }),
    Nothing,
    { mark: 'HW', cli: { positional: [], examples: ['start-cli wifi set-enabled --enabled'] } },
  ),
  'wifi.add': method(
    'Save a network',
    z.object({ ssid, password: secret('Password of the network') }),
    Nothing,
    {
      mark: 'HW',
      cli: { positional: ['ssid'], examples: ['start-cli wifi add "My network"'] },
    },
  ),
  'wifi.connect': method('Connect to a saved network', bySsid, Nothing, {
    mark: 'HW',
    cli: { positional: ['ssid'], examples: ['start-cli wifi connect "My network"'] },
  }),
  'wifi.remove': method('Forget a saved network', bySsid, Nothing, {
    mark: 'HW',
    cli: { positional: ['ssid'], examples: ['start-cli wifi remove "My network"'] },
  }),
  'wifi.get': method('Show saved networks and those in reach', None, WifiListInfo, {
    mark: 'HW',
    cli: {
      positional: [],
      table: ['connected', 'country', 'ethernet', 'ssids', 'availableWifi'],
      examples: ['start-cli wifi get'],
    },
  }),
  'wifi.country.set': method(
    'Say in which country this machine is, for the radio rules there',
    z.object({
      country: z
        .string()
        .regex(/^[A-Za-z]{2}$/, 'two letters, such as DE')
        .describe('Two letters'),
    }),
    Nothing,
    { mark: 'HW', cli: { positional: ['country'], examples: ['start-cli wifi country set DE'] } },
  ),
  'wifi.available.get': method('Show the networks in reach', None, z.array(AvailableWifi), {
    mark: 'HW',
    cli: {
      positional: [],
      table: ['ssid', 'strength', 'security'],
      examples: ['start-cli wifi available get'],
    },
  }),
} as const satisfies Methods
