import { MoonkeeperError } from '../contract/error.js'
import type { ServiceBoard } from './service-board.js'
import type { ServiceNames } from './service-names.js'
import type { ServiceAction } from './services.js'

export interface ServiceOrdersSetup {
  readonly board: Pick<ServiceBoard, 'has' | 'order' | 'refresh'>
  readonly names: ServiceNames
  /** moonraker.asvc as it is now. */
  readonly allowed: () => readonly string[]
  /** Begins a moment after it was called, so that the answer is out before. @throws refused */
  readonly restartSelf: () => Promise<void>
}

/** What clients order of services. */
export interface ServiceOrders {
  /** @throws refused, command_failed */
  order(action: ServiceAction, service: string): Promise<void>
}

const refused = (text: string): MoonkeeperError => new MoonkeeperError('refused', text)

export const createServiceOrders = ({
  board,
  names,
  allowed,
  restartSelf,
}: ServiceOrdersSetup): ServiceOrders => ({
  async order(action, service) {
    // compat: without a service of our own we are called moonraker.
    if (service === ((await names.own()) ?? 'moonraker')) {
      if (action === 'restart') return restartSelf()
      throw refused(`Service action '${action}' not available for moonraker`)
    }
    // It may have been installed since the last look.
    if (!board.has(service)) await board.refresh()
    if (board.has(service)) return board.order(action, service)
    throw refused(`Service '${service}' not ${allowed().includes(service) ? 'installed' : 'allowed'}`)
  },
})
