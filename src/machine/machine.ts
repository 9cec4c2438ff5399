import type {
  MachinePeripheralsCanbusResult,
  MachinePeripheralsVideoResult,
  MachineProcStatsResult,
  MachineSystemInfoResult,
  SerialDevice,
  UsbDevice,
} from '../contract/generated/types.js'
import type { Ending } from './ending.js'
import type { Privileges } from './privileges.js'
import type { ServiceOrders } from './service-orders.js'

/** What may be connected to the machine. Looked for when it is asked. */
export interface Peripherals {
  usb(): Promise<UsbDevice[]>
  serial(): Promise<SerialDevice[]>
  /** @throws device_failed, command_failed */
  video(): Promise<MachinePeripheralsVideoResult>
  /** @throws device_failed, command_failed */
  canbus(name: string): Promise<MachinePeripheralsCanbusResult['can_uuids']>
}

/** The machine that Moonkeeper runs on, as its clients see it. */
export interface Machine {
  systemInfo(): Promise<MachineSystemInfoResult['system_info']>
  statistics(): Promise<MachineProcStatsResult>
  readonly services: ServiceOrders
  readonly privileges: Pick<Privileges, 'user' | 'requests' | 'granted' | 'setPassword'>
  readonly ending: Ending
  readonly peripherals: Peripherals
}
