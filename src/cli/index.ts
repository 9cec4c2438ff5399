import { readArguments } from './arguments.js'
import { helpText } from './help.js'
import type { CliIo } from './io.js'
import { CliFailure, exitCodes } from './io.js'
import { explained } from './refusal-text.js'
import { Refusal } from './rpc-client.js'
import { printable } from './terminal-text.js'

export type { CliIo } from './io.js'

const dispatch = async (args: readonly string[], io: CliIo): Promise<number> => {
  const request = readArguments(args)
  if (request.kind === 'run') return request.command.run(request.input, io)
  io.out(helpText(request.command))
  return exitCodes.done
}

const told = (thrown: unknown): string => {
  if (thrown instanceof Refusal) return explained(thrown)
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/**
 * The command line client: everything but `serve`.
 * @returns the exit code (see exitCodes, and `moonkeeper help`); it never rejects
 */
export const runCli = async (args: readonly string[], io: CliIo): Promise<number> => {
  try {
    return await dispatch(args, io)
  } catch (thrown) {
    io.err(`moonkeeper: ${printable(told(thrown))}\n`)
    return thrown instanceof CliFailure ? thrown.exitCode : exitCodes.failed
  }
}
