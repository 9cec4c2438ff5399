import { textOf } from './requirement.js'
import type { Requirements } from './requirements.js'

/** Options whose value is a path of the application. */
const isLocalOption = (text: string): boolean =>
  /^(?:-f|--find-links)[ =]?(?![A-Za-z][A-Za-z0-9+.-]*:)/.test(text)

const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')

/**
 * The same as two files that need no others: the application itself is not where they are. What it installs from its own
 * folder is left out.
 */
export const flatten = ({
  wanted,
  constraints,
  options,
}: Requirements): { readonly requirements: string; readonly constraints: string } => ({
  requirements: linesOf([
    ...options.filter((text) => !isLocalOption(text)),
    ...wanted.filter(({ local }) => !local).map(textOf),
  ]),
  constraints: linesOf(constraints.filter(({ local }) => !local).map(textOf)),
})
