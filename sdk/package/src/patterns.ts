import type { Pattern } from '@startd/base/input-spec.ts'

const IPV4_PART = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)'
const LABEL = '[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const EMAIL = "[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@" + `${LABEL}(\\.${LABEL})*`

/** Checks for text fields that many packages need. */
export const patterns = {
  ipv4: {
    regex: `^${IPV4_PART}(\\.${IPV4_PART}){3}$`,
    description: 'Must be an IPv4 address, such as 192.168.1.10',
  },
  ipv6: { regex: '^[0-9a-fA-F:]*:[0-9a-fA-F:.]*$', description: 'Must be an IPv6 address' },
  hostname: { regex: `^${LABEL}(\\.${LABEL})*$`, description: 'Must be a host name' },
  localHostname: {
    regex: `^${LABEL}(\\.${LABEL})*\\.local$`,
    description: 'Must be a name that ends in .local',
  },
  url: {
    regex: '^[a-zA-Z][a-zA-Z0-9+.-]*://[^\\s/?#]+[^\\s]*$',
    description: 'Must be a URL, such as https://example.com',
  },
  localUrl: {
    regex: '^https?://[^\\s/?#]+\\.local(:\\d+)?([/?#][^\\s]*)?$',
    description: 'Must be a URL of a .local name',
  },
  ascii: { regex: '^[ -~]*$', description: 'May only have plain letters, digits and signs' },
  domain: { regex: `^(${LABEL}\\.)+[a-zA-Z]{2,63}$`, description: 'Must be a domain, such as example.com' },
  email: { regex: `^${EMAIL}$`, description: 'Must be an e-mail address' },
  emailWithName: {
    regex: `^(${EMAIL}|[^<>]*<${EMAIL}>)$`,
    description: 'Must be an e-mail address, with or without a name: Me <me@example.com>',
  },
  base64: {
    regex: '^([a-zA-Z0-9+/]{4})*([a-zA-Z0-9+/]{2}==|[a-zA-Z0-9+/]{3}=)?$',
    description: 'Must be Base64',
  },
} satisfies Record<string, Pattern>
