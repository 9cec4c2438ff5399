import type { ServiceProvider } from './services.js'

export interface ServiceNamesSetup {
  readonly provider: Pick<ServiceProvider, 'serviceOf'>
  /** Our own process. */
  readonly pid: number
  /** Klipper's process; null while it is not known. */
  readonly klipperPid: () => number | null
}

/** What configurations call klipper and moonraker, by the names that this machine has for them: klipper-1, ... */
export interface ServiceNames {
  /** The service that we run as; null when we run as none. */
  own(): Promise<string | null>
  /** The service that Klipper runs as, as far as it is known. */
  klipper(): Promise<string | null>
  /** What a configuration means. */
  actual(service: string): Promise<string>
}

const isInstance = (service: string, of: string): boolean => new RegExp(`^${of}[_-]?\\d*$`).test(service)

export const createServiceNames = ({ provider, pid, klipperPid }: ServiceNamesSetup): ServiceNames => {
  const asked = new Map<number, Promise<string | null>>()
  const serviceOf = (process: number): Promise<string | null> => {
    const known = asked.get(process)
    if (known !== undefined) return known
    const asking = provider.serviceOf(process)
    asked.set(process, asking)
    // Of what nobody could tell something may be known later.
    const forget = (): void => void asked.delete(process)
    asking.then((found) => (found === null ? forget() : undefined), forget)
    return asking
  }
  const own = (): Promise<string | null> => serviceOf(pid)
  const klipper = async (): Promise<string | null> => {
    const process = klipperPid()
    return process === null ? null : serviceOf(process)
  }
  return {
    own,
    klipper,
    async actual(service) {
      if (service === 'klipper') return (await klipper()) ?? service
      if (service !== 'moonraker') return service
      const ours = await own()
      // compat: the service that the API's server runs as, where that is an instance of it.
      return ours !== null && isInstance(ours, 'moonraker') ? ours : service
    },
  }
}
