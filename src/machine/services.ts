/** What the machine says of a service at one moment. Nothing here says what it was a second before. */
export interface ServiceState {
  /** True while it runs, also while it reloads; false while it starts, stops or waits to be started again. */
  readonly active: boolean
  /** How often it was started again by itself since it was last started by order. */
  readonly restarts: number
  /** Another text after every time that it became active anew; for comparing only. */
  readonly since: string
  /** systemd's SubState, for people: running, exited, dead, failed, auto-restart, ... */
  readonly sub: string
}

/** A service as front ends know it. compat: systemd's words, also where another provider says it otherwise. */
export interface UnitState {
  readonly active_state: string
  readonly sub_state: string
}

/** Services of the machine. */
export interface Services {
  /**
   * Resolves when it was restarted; that says nothing about its health.
   * @throws command_failed when the service could not be restarted; busy when nothing manages services here
   */
  restart(service: string): Promise<void>
  /**
   * @returns null when nothing is known: there is no such service, nobody could be asked, or the answer made no sense
   * @throws the signal's reason when it is aborted
   */
  state(service: string, signal?: AbortSignal): Promise<ServiceState | null>
}

export type ServiceAction = 'start' | 'stop' | 'restart'

/** What starts and stops services on this machine: `provider` of [machine]. */
export interface ServiceProvider extends Services {
  /** @throws as restart() */
  act(action: ServiceAction, service: string): Promise<void>
  /**
   * Those there are, by name without `.service`.
   * @throws command_failed when they cannot be listed
   */
  list(wanted: (service: string) => boolean): Promise<ReadonlyMap<string, UnitState>>
  /**
   * Tells every change of these services until the end.
   * @param lost nothing is told any more
   * @returns the end; null when this provider does not tell: then it must be asked
   */
  follow(
    services: readonly string[],
    changed: (service: string, state: UnitState) => void,
    lost: () => void,
  ): Promise<(() => void) | null>
  /** The service that a process belongs to, without `.service`; null when it belongs to none, or nobody knows. */
  serviceOf(pid: number): Promise<string | null>
}

/** What may stand in a command line as the name of a service. */
export const isServiceName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.@-]*$/.test(name)

export const withoutEnding = (unit: string): string => unit.replace(/\.service$/, '')
