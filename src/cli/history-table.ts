import { localTime } from './log-lines.js'
import { columnWidths, inColumns } from './table.js'
import { oneLine } from './terminal-text.js'

const headings = ['WHEN', 'APPLICATION', 'GOAL', 'VERSIONS', 'OUTCOME', 'WHO']

type Entry = Readonly<Record<string, unknown>>

const text = (value: unknown): string => (typeof value === 'string' ? oneLine(value) : '')

const orDash = (value: string): string => (value === '' ? '-' : value)

const outcomeOf = (entry: Entry): string => text(entry['outcome']).replaceAll('_', ' ')

const cellsOf = (entry: Entry): readonly string[] =>
  [
    localTime(entry['at']),
    text(entry['application']),
    text(entry['goal']),
    `${orDash(text(entry['from']))} -> ${text(entry['to']) || '?'}`,
    outcomeOf(entry),
    text(entry['asked_by']),
  ].map(orDash)

/** Why it did not go well; no line when it did. */
const noteOf = (entry: Entry): readonly string[] => {
  const message = text(entry['message'])
  if (message === '' || entry['outcome'] === 'done') return []
  return [`${localTime(entry['at'])} ${text(entry['application'])}: ${message}\n`]
}

/** What machine.update.history answered, read with care, as text that ends with a line feed. */
export const historyTable = (answered: readonly unknown[]): string => {
  const entries = answered.filter((entry): entry is Entry => entry !== null && typeof entry === 'object')
  if (entries.length === 0) return 'Nothing was done yet.\n'
  const rows = [headings, ...entries.map(cellsOf)]
  const widths = columnWidths(rows)
  const notes = entries.flatMap(noteOf)
  const lines = rows.map((cells) => `${inColumns(cells, widths).trimEnd()}\n`)
  return [...lines, ...(notes.length > 0 ? ['\n'] : []), ...notes].join('')
}
