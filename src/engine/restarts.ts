import type { Services } from '../machine/services.js'
import type { Progress, ServiceRestarter } from '../updaters/contract.js'

/**
 * Service restarts of updates. In a full update restarts of services that are shared (another application's) are
 * put off, so that each is restarted once, with its own application or at the end.
 */
export class Restarts {
  private full = false
  private readonly pending = new Set<string>()

  constructor(
    private readonly services: Services,
    /** The unit that runs Klipper: klipper, or klipper-1 where Klipper says so. */
    private readonly unitOf: (service: string) => string,
  ) {}

  /** For one application's updater. */
  for(application: string): ServiceRestarter {
    return { restart: (service, progress) => this.restart(application, service, progress) }
  }

  begin(full: boolean): void {
    this.full = full
    this.pending.clear()
  }

  private async restart(application: string, service: string, progress: Progress): Promise<void> {
    if (this.full && service !== application) {
      progress(`Service ${service} restart postponed...`)
      this.pending.add(service)
      return
    }
    this.pending.delete(service)
    progress(`Restarting service ${service}...`)
    await this.services.restart(this.unitOf(service))
  }

  /** True when a restart of the service was put off. */
  isPutOff(service: string): boolean {
    return this.pending.has(service)
  }

  /** Restarts a service whose restart was put off. @returns false when it was not */
  async catchUp(service: string, progress: Progress): Promise<boolean> {
    if (!this.pending.delete(service)) return false
    progress(`Restarting service ${service}...`)
    await this.services.restart(this.unitOf(service))
    return true
  }
}
