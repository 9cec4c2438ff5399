import { MoonkeeperError } from '../contract/error.js'
import type { Files } from '../system/files.js'
import { findContainer } from './facts/virtualization.js'
import type { Privileges } from './privileges.js'

/** Ends the machine's life, or begins it anew. */
export interface Ending {
  /** @throws refused, command_failed */
  reboot(): Promise<void>
  shutdown(): Promise<void>
}

/** One way to order it. */
export type Order = 'reboot' | 'poweroff' | 'halt'

/** @returns false when there is nobody to take orders in this way. @throws refused, command_failed */
export type OrderTaker = (order: Order) => Promise<boolean>

const failed = (order: Order, why: string): MoonkeeperError =>
  new MoonkeeperError(
    'command_failed',
    `The machine took no order to ${order}: ${why}. Look at docs/install.md for the rules that allow it`,
  )

/** Through the command line; where there is no systemd, the command of that name. */
export const orderByCommand =
  (privileges: Privileges): OrderTaker =>
  async (order) => {
    const limits = { timeout: 30_000, maxOutput: 64 * 1024 }
    const systemd = await privileges.run(['systemctl', order], limits).catch((thrown: unknown) => {
      if (thrown instanceof MoonkeeperError && thrown.kind === 'command_failed') return null
      throw thrown
    })
    const result = systemd ?? (await privileges.run([order], limits))
    if (result.code === 0) return true
    throw failed(order, result.stderr.trim().split('\n').at(-1) ?? '')
  }

/** @param takers in this order: the next is asked when there is nobody at one */
export const createEnding = (
  takers: readonly OrderTaker[],
  files: Pick<Files, 'readText' | 'stat'>,
  shutdownAction: () => 'poweroff' | 'halt',
): Ending => {
  const give = async (order: Order, what: 'reboot' | 'shutdown'): Promise<void> => {
    const container = await findContainer(files)
    if (container !== null)
      throw new MoonkeeperError('refused', `Cannot ${what} from within a ${container} container`)
    for (const take of takers) if (await take(order)) return
    throw failed(order, 'nobody takes such orders here')
  }
  return {
    reboot: () => give('reboot', 'reboot'),
    shutdown: () => give(shutdownAction(), 'shutdown'),
  }
}
