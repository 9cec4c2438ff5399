import type { Job } from '../../contract/generated/types.js'
import { readStatus } from '../applications.js'
import type { Command, Input } from '../command.js'
import { placeOptions } from '../command.js'
import type { CliIo, ExitCode } from '../io.js'
import { CliFailure, exitCodes } from '../io.js'
import { followJob } from '../job-follower.js'
import { shortId } from '../job-text.js'
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

/** How a job that did not go well stands. */
const troubles: Readonly<Partial<Record<Job['state'], string>>> = {
  failed: 'failed',
  cancelled: 'was cancelled',
  needs_person: 'needs a person',
  prepared: 'could not be started, and is still prepared',
}

/** @throws CliFailure when the job did not go well */
const tellEnd = ({ id, state, error }: Job, io: CliIo): ExitCode => {
  const short = shortId(id)
  if (state !== 'done' && (state !== 'prepared' || error !== null)) {
    const why = error === null ? '' : `: ${error.message} [${error.code}]`
    throw new CliFailure(exitCodes.failed, oneLine(`Job ${short} ${troubles[state] ?? state}${why}`))
  }
  const next = state === 'prepared' ? ` Apply it with \`moonkeeper jobs start ${short}\`.` : ''
  io.out(`Job ${short} is ${state}.${next}\n`)
  return exitCodes.done
}

const followOne = async (job: string, { options }: Input, io: CliIo): Promise<ExitCode> => {
  if (options.follow === true) return tellEnd(await followJob(job, options, io), io)
  const hint = `\`moonkeeper jobs get ${oneLine(job)}\` shows its lines so far.`
  throw new CliFailure(exitCodes.usage, `log takes a job only with -f. ${hint}`)
}

export const log: Command = {
  usage: 'log [-f [JOB]]',
  summary: 'show the last lines of the log, or follow what goes on',
  details: [
    `Without -f: the last ${lineCount} lines of logs/moonkeeper.log in the data folder.`,
    '-f, --follow   connect, and print what updates tell, until interrupted',
    '-f JOB         print the lines of this job so far, and those that come, until its end; the beginning of an id is',
    '               enough. A connection that is lost is made again, and no line is lost. Exit with 0 when it is done',
    '               or prepared, with 1 when it failed, was cancelled or needs a person.',
  ],
  options: ['follow', ...placeOptions],
  arguments: { least: 0, most: 1 },
  run: (input, io) => {
    const [job] = input.arguments
    if (job !== undefined) return followOne(job, input, io)
    return input.options.follow === true ? follow(input, io) : showFile(input, io)
  },
}
