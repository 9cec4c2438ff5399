import type { Name } from './web.js'
import type { Check, Trouble } from './check.js'

const causes: Partial<Readonly<Record<Name, string>>> = {
  none: 'leads to no address: there is no network, or no name server answers, or the name does not exist',
  late: 'leads to no address in time: the name server is slow, or does not answer',
}

export const dns: Check = {
  name: 'dns',
  async look({ forges, web }) {
    const hosts = [...new Set(forges.map(({ url }) => new URL(url).hostname))]
    const names = await Promise.all(hosts.map(async (host) => [host, await web.name(host)] as const))
    const found = names.flatMap(([host, name]): Trouble[] => {
      const cause = causes[name]
      if (cause === undefined) return []
      const repair = `ip address; cat /etc/resolv.conf; getent ahosts ${host}`
      return [{ code: 'dns_failed', about: host, cause: `The name ${host} ${cause}`, repair }]
    })
    const isUnknown = found.length === 0 && names.every(([, name]) => name === 'unknown')
    return isUnknown ? { unknown: 'There is no program here that could be asked for names (getent)' } : found
  },
}
