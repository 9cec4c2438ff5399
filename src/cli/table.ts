import { pad, widthOf } from './terminal-text.js'

export const gap = '  '

/** What each column takes, for rows of cells. */
export const columnWidths = (rows: readonly (readonly string[])[]): readonly number[] =>
  (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => widthOf(cells[column] ?? ''))))

/** Cells in their columns, with a gap behind each. */
export const inColumns = (cells: readonly string[], widths: readonly number[]): string =>
  widths.map((width, column) => pad(cells[column] ?? '', width) + gap).join('')
