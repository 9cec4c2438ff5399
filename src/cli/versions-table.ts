import type { Versions } from '../contract/generated/types.js'
import type { CliIo } from './io.js'
import { columnsOf } from './io.js'
import { localDay } from './log-lines.js'
import { columnWidths, gap, inColumns } from './table.js'
import { fit, oneLine } from './terminal-text.js'

const headings = ['VERSION', 'DATE', 'STATE']
/** A title is always long enough to be told from others. */
const leastRoom = 16

type Version = Versions['versions'][number]

const stateOf = ({ id, current, kept }: Version, pinned: string | null): string =>
  [...(current ? ['current'] : []), ...(id === pinned ? ['pinned'] : []), ...(kept ? ['kept'] : [])].join(
    ', ',
  )

const cellsOf = (version: Version, pinned: string | null): readonly string[] => [
  oneLine(version.version),
  version.date === null ? '-' : localDay(version.date * 1000),
  stateOf(version, pinned) || '-',
]

/** What the table does not show by itself. */
const notes = ({ versions, pinned }: Versions): readonly string[] => [
  ...(versions.some(({ kept }) => kept) ? ['kept: going back to it needs no network.\n'] : []),
  ...(pinned !== null && !versions.some(({ id }) => id === pinned)
    ? [`It is pinned to ${oneLine(pinned)}.\n`]
    : []),
]

/** What can be had, newest first, as text that ends with a line feed. */
export const versionsTable = (answer: Versions, io: CliIo): string => {
  if (answer.versions.length === 0) return 'No versions are known.\n'
  const rows = answer.versions.map((version) => cellsOf(version, answer.pinned))
  const widths = columnWidths([headings, ...rows])
  const taken = widths.reduce((sum, width) => sum + width + gap.length, 0)
  const room = io.terminal ? Math.max(leastRoom, columnsOf(io) - taken) : Infinity
  const line = (cells: readonly string[], title: string): string =>
    `${`${inColumns(cells, widths)}${fit(title, room)}`.trimEnd()}\n`
  const table = rows.map((cells, row) => line(cells, oneLine(answer.versions[row]?.title ?? '')))
  const more = notes(answer)
  return [line(headings, 'TITLE'), ...table, ...(more.length > 0 ? ['\n'] : []), ...more].join('')
}
