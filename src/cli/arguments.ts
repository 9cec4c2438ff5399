import { parseArgs } from 'node:util'
import { commands } from './commands/index.js'
import type { Command, Input, OptionName, Options } from './command.js'
import { optionTable } from './command.js'
import { CliFailure, exitCodes } from './io.js'

/** What is to be done: a command, or telling about one (null: about all). */
export type Request =
  | { readonly kind: 'run'; readonly command: Command; readonly input: Input }
  | { readonly kind: 'help'; readonly command: Command | null }

const usageError = (what: string, name: string | null, cause: unknown = null): CliFailure => {
  const help = name === null ? 'moonkeeper help' : `moonkeeper help ${name}`
  return new CliFailure(exitCodes.usage, `${what}\nSee \`${help}\`.`, cause)
}

/** Node's words end in advice about `--` that helps nobody here. */
const firstSentence = (thrown: unknown): string => {
  const [first = ''] = (thrown instanceof Error ? thrown.message : String(thrown)).split(/\n|\. /)
  return first.endsWith('.') ? first : `${first}.`
}

const parse = (
  args: readonly string[],
): { readonly values: Options; readonly positionals: readonly string[] } => {
  try {
    return parseArgs({ args: [...args], options: optionTable, strict: true, allowPositionals: true })
  } catch (thrown) {
    throw usageError(firstSentence(thrown), null, thrown)
  }
}

const find = (name: string): Command => {
  const command = commands.get(name)
  if (command !== undefined) return command
  if (name === 'serve') {
    throw usageError(
      'serve must be the first argument, and tells its own options: moonkeeper serve --help.',
      null,
    )
  }
  throw usageError(
    `There is no command '${name}'. There are: ${[...commands.keys(), 'help', 'serve'].join(', ')}.`,
    null,
  )
}

const checkOptions = (name: string, command: Command, options: Options): void => {
  const strange = (Object.keys(options) as OptionName[]).find((option) => !command.options.includes(option))
  if (strange !== undefined) throw usageError(`${name} does not take --${strange}.`, name)
}

const checkArguments = (name: string, command: Command, given: readonly string[]): void => {
  const { least, most } = command.arguments
  if (given.length < least) throw usageError(`Something is missing: moonkeeper ${command.usage}`, name)
  const extra = given[most]
  if (extra !== undefined) throw usageError(`${name} does not know what to do with '${extra}'.`, name)
  if (given.includes('')) throw usageError('An argument is empty.', name)
}

const helpRequest = (given: readonly string[]): Request => {
  const [name, extra] = given
  if (extra !== undefined) throw usageError(`help does not know what to do with '${extra}'.`, null)
  return { kind: 'help', command: name === undefined || name === 'help' ? null : find(name) }
}

/** @throws CliFailure (usage) with a hint */
export const readArguments = (args: readonly string[]): Request => {
  const { values, positionals } = parse(args)
  const [name, ...given] = positionals
  const { help, ...options } = values
  if (name === undefined) {
    if (help === true) return { kind: 'help', command: null }
    throw usageError('What is to be done?', null)
  }
  if (name === 'help') return helpRequest(given)
  const command = find(name)
  if (help === true) return { kind: 'help', command }
  checkOptions(name, command, options)
  checkArguments(name, command, given)
  return { kind: 'run', command, input: { arguments: given, options } }
}
