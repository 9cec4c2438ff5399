import { MoonkeeperError } from '../contract/error.js'
import { DBusFailure, type DBus } from '../system/dbus.js'
import { isDenied, isNobodyThere } from './bus-refusals.js'
import type { Order, OrderTaker } from './ending.js'

const members: Readonly<Record<Order, string>> = { reboot: 'Reboot', poweroff: 'PowerOff', halt: 'Halt' }

/** Through logind (org.freedesktop.login1(5)), where polkit decides what we may do. */
export const orderByLogind =
  (bus: DBus): OrderTaker =>
  async (order) => {
    try {
      await bus.call({
        service: 'org.freedesktop.login1',
        path: '/org/freedesktop/login1',
        interface: 'org.freedesktop.login1.Manager',
        member: members[order],
        signature: 'b',
        // Nobody is there to be asked.
        body: [false],
      })
      return true
    } catch (thrown) {
      if (isNobodyThere(thrown) || isDenied(thrown)) return false
      if (!(thrown instanceof DBusFailure)) throw thrown
      throw new MoonkeeperError(
        'command_failed',
        `logind took no order to ${order}: ${thrown.message}`,
        thrown,
      )
    }
  }
