/** A document shaped like that of a server with many services; `iconBytes` sets its size. */
export type Model = {
  public: { packageData: { [id: string]: Service }; serverInfo: { name: string; ram: number } }
  private: { counter: number }
}

type Service = {
  icon: string
  description: { [locale: string]: string }
  statusInfo: { desired: string; health: { [id: string]: { result: string; message: string } } }
  hosts: { [id: string]: { [port: string]: { ssl: boolean; port: number; host: string }[] } }
}

export function makeDocument(services: number, iconBytes: number): Model {
  const packageData: { [id: string]: Service } = {}
  for (let i = 0; i < services; i++) packageData[`service-${i}`] = makeService(i, iconBytes)
  return {
    public: { packageData, serverInfo: { name: 'Bench', ram: 16_000_000_000 } },
    private: { counter: 0 },
  }
}

function makeService(index: number, iconBytes: number): Service {
  const hosts: Service['hosts'] = {}
  for (let host = 0; host < 4; host++) {
    const addresses = Array.from({ length: 14 }, (_, i) => ({
      ssl: i % 2 === 0,
      port: 49152 + index,
      host: `service-${index}-${host}-${i}.local`,
    }))
    hosts[`host-${host}`] = { '80': addresses }
  }
  const locales = ['en_US', 'de_DE', 'pl_PL', 'es_ES', 'fr_FR']
  return {
    icon: `data:image/png;base64,${'A'.repeat(iconBytes)}`,
    description: Object.fromEntries(locales.map((locale) => [locale, `Service ${index} in ${locale}`])),
    statusInfo: { desired: 'running', health: { web: { result: 'success', message: 'ready' } } },
    hosts,
  }
}
