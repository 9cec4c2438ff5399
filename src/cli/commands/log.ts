import { readStatus } from '../applications.js'
import type { Command, Input } from '../command.js'
import { placeOptions } from '../command.js'
import type { CliIo, ExitCode } from '../io.js'
import { CliFailure, exitCodes } from '../io.js'
import { readLastLines, readable, timeOfDay } from '../log-lines.js'
import { progressLine } from '../operation.js'
import { logFileOf } from '../place.js'
import { withServer } from '../session.js'
import { oneLine } from '../terminal-text.js'
import { systemClock } from '../../system/clock.js'

const lineCount = 50

const showFile = async ({ options }: Input, io: CliIo): Promise<ExitCode> => {
  if (options.url !== undefined || options.unixsocket !== undefined) {
    const hint =
      'Follow a server elsewhere with `moonkeeper log -f --url ...`, or name the data folder with -d.'
    throw new CliFailure(exitCodes.usage, `Without -f, log reads the file in the data folder. ${hint}`)
  }
  const file = await logFileOf(options, io)
  const lines = await readLastLines(file, lineCount)
  if (lines === null) {
    const hint = 'Name the data folder with -d, or see `journalctl -u moonkeeper`.'
    throw new CliFailure(exitCodes.failed, `There is no log at ${file}. ${hint}`)
  }
  io.out(lines.map((line) => `${readable(line)}\n`).join(''))
  return exitCodes.done
}

const summary = (params: unknown): string => {
  const { applications } = readStatus(params)
  const unlike = applications.filter((application) => application.condition !== 'current')
  if (unlike.length === 0) return 'status: everything is up to date'
  return `status: ${unlike.map(({ name, state }) => `${name}: ${state}`).join('; ')}`
}

/** What a notification says, on one line; null when it is not shown. */
const told = (method: string, params: unknown): string | null => {
  const line = progressLine(method, params)
  if (line !== null) return oneLine(`${line.application}: ${line.message}`)
  return method === 'notify_update_refreshed' ? summary(params) : null
}

const follow = async ({ options }: Input, io: CliIo): Promise<ExitCode> =>
  withServer(io, options, async (client) => {
    client.listen((method, params) => {
      const text = told(method, params)
      if (text !== null) io.out(`${timeOfDay(systemClock.now())}  ${text}\n`)
    })
    if (io.terminal) io.err('Following what goes on. Ctrl-C ends it.\n')
    throw await client.closed
  })

export const log: Command = {
  usage: 'log [-f]',
  summary: 'show the last lines of the log, or follow what goes on',
  details: [
    `Without -f: the last ${lineCount} lines of logs/moonkeeper.log in the data folder.`,
    '-f, --follow   connect, and print what updates tell, until interrupted',
  ],
  options: ['follow', ...placeOptions],
  arguments: { least: 0, most: 0 },
  run: (input, io) => (input.options.follow === true ? follow(input, io) : showFile(input, io)),
}
