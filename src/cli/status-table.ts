import type { ApplicationView, Condition, StatusView } from './applications.js'
import type { CliIo } from './io.js'
import { columnsOf } from './io.js'
import { columnWidths, gap, inColumns } from './table.js'
import { fit } from './terminal-text.js'

const headings = ['APPLICATION', 'TYPE', 'VERSION', 'REMOTE', 'STATE']

const colours: Readonly<Record<Condition, string>> = {
  current: '\x1b[32m',
  behind: '\x1b[33m',
  invalid: '\x1b[31m',
}

const coloured = (text: string, condition: Condition, io: CliIo): string =>
  io.colour ? `${colours[condition]}${text}\x1b[0m` : text

const cellsOf = (application: ApplicationView): readonly string[] => [
  application.name,
  application.type,
  application.version === '' ? '-' : application.version,
  application.remoteVersion === '' ? '-' : application.remoteVersion,
]

/** The state is the last column: it gets what is left of the terminal, but always enough to be read. */
const roomForState = (widths: readonly number[], io: CliIo): number => {
  if (!io.terminal) return Infinity
  const taken = widths.reduce((sum, width) => sum + width + gap.length, 0)
  return Math.max(16, columnsOf(io) - taken)
}

/** Warnings that the table has no room for. */
const remainingWarnings = (application: ApplicationView, shown: string): readonly string[] =>
  application.warnings
    .filter((warning) => !shown.endsWith(`: ${warning}`))
    .map((warning) => `${application.name}: ${warning}\n`)

/** The table of applications, as text that ends with a line feed. */
export const statusTable = (status: StatusView, io: CliIo): string => {
  if (status.applications.length === 0) return 'No applications are known yet.\n'
  const rows = status.applications.map((application) => ({ application, cells: cellsOf(application) }))
  const widths = columnWidths([headings.slice(0, -1), ...rows.map(({ cells }) => cells)])
  const room = roomForState(widths, io)
  const line = (cells: readonly string[], last: string): string => `${inColumns(cells, widths)}${last}\n`
  const states = status.applications.map((application) => fit(application.state, room))
  const table = rows.map(({ application, cells }, row) =>
    line(cells, coloured(states[row] ?? '', application.condition, io)),
  )
  const notes = status.applications.flatMap((application, row) =>
    remainingWarnings(application, states[row] ?? ''),
  )
  const apart = notes.length > 0 ? ['\n'] : []
  return [line(headings, headings.at(-1) ?? ''), ...table, ...apart, ...notes].join('')
}
