import type { Job, MachineUpdateJobsListResult } from '../../contract/generated/types.js'
import { systemClock } from '../../system/clock.js'
import type { Command, Input, OptionName, Options } from '../command.js'
import { placeOptions } from '../command.js'
import type { CliIo, ExitCode } from '../io.js'
import { CliFailure, exitCodes } from '../io.js'
import { jobIdOf } from '../job-lookup.js'
import { jobsTable, jobText, shortId, stageText } from '../job-text.js'
import { countOf, offsetOf, oneOf } from '../option-values.js'
import { readPages } from '../pages.js'
import { withServer } from '../session.js'
import { printableJson } from '../terminal-text.js'

const usualCount = 20

const states = [
  'queued',
  'preparing',
  'prepared',
  'running',
  'done',
  'failed',
  'needs_person',
  'cancelled',
] as const satisfies readonly Job['state'][]

const list = async (options: Options, io: CliIo): Promise<ExitCode> => {
  const { state } = options
  const offset = offsetOf(options.offset)
  const question = {
    method: 'machine.update.jobs.list',
    params: state === undefined ? {} : { state: oneOf('state', state.replaceAll(' ', '_'), states) },
    list: 'jobs',
    count: countOf(options.count, usualCount),
    offset,
  }
  const answer = await withServer(io, options, (client) =>
    readPages<MachineUpdateJobsListResult>(client, question),
  )
  if (options.json === true) {
    io.out(`${printableJson(answer)}\n`)
    return exitCodes.done
  }
  io.out(jobsTable(answer.jobs, systemClock.now()))
  const end = offset + answer.jobs.length
  if (answer.total > end) io.out(`\n${answer.total - end} more: see them with --offset ${end}.\n`)
  return exitCodes.done
}

const started = (job: Job): string => {
  const stage = stageText(job, systemClock.now())
  const waits = stage === '' ? '' : ` (${stage})`
  return `Job ${shortId(job.id)} begins${waits}. Follow it with \`moonkeeper log -f ${shortId(job.id)}\`.\n`
}

const cancelled = ({ id }: Job): string =>
  `Job ${shortId(id)} is cancelled: nothing was changed, or all was undone.\n`

/** What can be done with one job, and how its answer is told. */
const verbs: ReadonlyMap<string, (job: Job) => string> = new Map([
  ['get', (job) => jobText(job, systemClock.now())],
  ['start', started],
  ['cancel', cancelled],
])

const one = async (verb: string, given: string, options: Options, io: CliIo): Promise<ExitCode> => {
  const tell = verbs.get(verb)
  if (tell === undefined)
    throw new CliFailure(exitCodes.usage, `jobs knows ${[...verbs.keys()].join(', ')}, not '${verb}'.`)
  const strange = (['state', 'count', 'offset'] as const satisfies readonly OptionName[]).find(
    (name) => options[name] !== undefined,
  )
  if (strange !== undefined) throw new CliFailure(exitCodes.usage, `jobs ${verb} does not take --${strange}.`)
  const job = await withServer(io, options, async (client) => {
    const id = await jobIdOf(client, given)
    return (await client.call(`machine.update.jobs.${verb}`, { id })) as Job
  })
  io.out(options.json === true ? `${printableJson(job)}\n` : tell(job))
  return exitCodes.done
}

export const jobs: Command = {
  usage: 'jobs [get|start|cancel ID]',
  summary: 'show what is done, waits or was prepared; start or cancel it',
  details: [
    '--state STATE      only those that are queued, preparing, prepared, running, done, failed, needs_person or cancelled',
    `-n, --count COUNT  so many jobs (else ${usualCount})`,
    '--offset COUNT     without so many of the newest',
    '--json             print what the server answered',
    '',
    'jobs get ID        everything about one, with its lines',
    'jobs start ID      apply what was prepared; or begin now what waits',
    'jobs cancel ID     end it: what was prepared is dropped, what was begun is undone',
    '',
    'ID is the beginning of an id that no other job has.',
  ],
  options: ['state', 'count', 'offset', 'json', ...placeOptions],
  arguments: { least: 0, most: 2 },
  run: ({ arguments: [verb, id], options }: Input, io) => {
    if (verb === undefined) return list(options, io)
    if (id !== undefined) return one(verb, id, options, io)
    throw new CliFailure(exitCodes.usage, `Which job? moonkeeper ${jobs.usage}`)
  },
}
