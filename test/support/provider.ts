import { noServices } from '../../src/machine/services/none.js'
import type { ServiceProvider, UnitState } from '../../src/machine/services.js'

export const active: UnitState = { active_state: 'active', sub_state: 'running' }
export const inactive: UnitState = { active_state: 'inactive', sub_state: 'dead' }

/** A provider whose services a test changes by hand. */
export interface HandProvider extends ServiceProvider {
  readonly units: Map<string, UnitState>
  /** Orders that were given. */
  readonly orders: string[]
  /** How often it was asked for all of them. */
  lists: number
  /** Tells of a change, where it is followed. */
  tell: (service: string, state: UnitState) => void
  /** Tells no more. */
  lose: () => void
  /** How often it was followed, and that was ended. */
  readonly followed: { begun: number; ended: number }
}

/** @param follows whether it tells of changes by itself */
export const handProvider = (follows: boolean, overrides: Partial<ServiceProvider> = {}): HandProvider => {
  const provider: HandProvider = {
    ...noServices,
    units: new Map(),
    orders: [],
    lists: 0,
    tell: () => undefined,
    lose: () => undefined,
    followed: { begun: 0, ended: 0 },
    act: async (action, service) => void provider.orders.push(`${action} ${service}`),
    restart: async (service) => void provider.orders.push(`restart ${service}`),
    list: async (wanted) => {
      provider.lists += 1
      return new Map([...provider.units].filter(([service]) => wanted(service)))
    },
    follow: async (services, changed, lost) => {
      if (!follows) return null
      provider.followed.begun += 1
      provider.tell = (service, state) => (services.includes(service) ? changed(service, state) : undefined)
      provider.lose = lost
      return () => void (provider.followed.ended += 1)
    },
    ...overrides,
  }
  return provider
}
