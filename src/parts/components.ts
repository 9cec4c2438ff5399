import type { Configuration } from '../config/index.js'
import { methodTable } from '../contract/generated/tables.js'

/** Parts by the names that front ends know them by, and a method that each has. compat: in Moonraker's order. */
const known = [
  ['klippy_connection', 'server.info'],
  ['application', 'server.info'],
  ['websockets', 'server.websocket.id'],
  ['database', 'server.database.list'],
  ['file_manager', 'server.files.roots'],
  ['authorization', 'access.info'],
  ['klippy_apis', 'printer.print.start'],
  ['machine', 'machine.system_info'],
  ['data_store', 'server.temperature_store'],
  ['proc_stats', 'machine.proc_stats'],
  ['job_queue', 'server.job_queue.status'],
  ['history', 'server.history.list'],
  ['announcements', 'server.announcements.list'],
  ['webcam', 'server.webcams.list'],
  ['extensions', 'server.extensions.list'],
  ['update_manager', 'machine.update.status'],
] as const

const served: readonly string[] = known
  .filter(([, method]) => Object.hasOwn(methodTable, method))
  .map(([name]) => name)

/** What is served; front ends hide the pages of what is not. compat: what is configured stands where Moonraker has it. */
export const componentsOf = ({ octoprint }: Pick<Configuration, 'octoprint'>): readonly string[] =>
  octoprint ? served.toSpliced(-1, 0, 'octoprint_compat') : served
