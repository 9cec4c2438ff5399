import type { Services, ServiceState } from '../../src/machine/services.js'

/** Restarting works, and nothing is known of any service. */
export const calmServices: Services = { restart: async () => {}, state: async () => null }

export const running = (overrides: Partial<ServiceState> = {}): ServiceState => ({
  active: true,
  restarts: 0,
  since: '1000',
  sub: 'running',
  ...overrides,
})

export const notRunning = (sub: string, restarts = 0): ServiceState => ({
  active: false,
  restarts,
  since: '1000',
  sub,
})

/** Services whose state at every look is written down; the last one stays. */
export interface ScriptedServices extends Services {
  /** From now on this is seen of the service. */
  play(service: string, ...states: readonly (ServiceState | null)[]): void
  /** Which services were looked at, in that order. */
  readonly looks: string[]
}

export const scriptedServices = (): ScriptedServices => {
  const scripts = new Map<string, (ServiceState | null)[]>()
  const looks: string[] = []
  return {
    looks,
    play: (service, ...states) => void scripts.set(service, [...states]),
    restart: async () => {},
    state: async (service) => {
      looks.push(service)
      const script = scripts.get(service) ?? []
      return (script.length > 1 ? script.shift() : script[0]) ?? null
    },
  }
}
