import type { Job, LogLine } from '../contract/generated/types.js'
import { localTime, timeOfDay } from './log-lines.js'
import { columnWidths, inColumns } from './table.js'
import { oneLine, printable } from './terminal-text.js'

const headings = ['JOB', 'ASKED', 'GOAL', 'APPLICATIONS', 'STATE', 'NOW']

/** Enough of an id to name it: a unique beginning is taken. */
export const shortId = (id: string): string => oneLine(id).slice(0, 8)

/** Nothing comes of it any more by itself. */
export const isOver = ({ state }: Pick<Job, 'state'>): boolean =>
  state === 'done' || state === 'failed' || state === 'needs_person' || state === 'cancelled'

/** Seconds of the countdown; @param now Unix milliseconds */
const countdown = (startsAt: number, now: number): string => {
  const left = Math.max(0, Math.ceil(startsAt - now / 1000))
  return `begins in ${left} s, at ${timeOfDay(startsAt * 1000)}`
}

/** What goes on, or what is waited for; empty when nothing is. @param now Unix milliseconds */
export const stageText = ({ stage, starts_at: startsAt }: Job, now: number): string =>
  [startsAt === null ? '' : countdown(startsAt, now), oneLine(stage)].filter((text) => text !== '').join(': ')

const stateOf = ({ state, progress }: Job): string => {
  const text = state.replaceAll('_', ' ')
  return state === 'preparing' || state === 'running' ? `${text} ${Math.round(progress * 100)} %` : text
}

const namesOf = ({ applications }: Job): string =>
  applications.length === 0 ? 'all' : applications.map(({ name }) => oneLine(name)).join(', ')

const cellsOf = (job: Job, now: number): readonly string[] => [
  shortId(job.id),
  localTime(job.created_at * 1000),
  job.goal,
  namesOf(job),
  stateOf(job),
  stageText(job, now) || '-',
]

/** Why one did not go well, or could not begin. */
const noteOf = ({ id, error }: Job): readonly string[] =>
  error === null ? [] : [`${shortId(id)}: ${oneLine(error.message)} [${oneLine(error.code)}]\n`]

/** Jobs as text that ends with a line feed. @param now Unix milliseconds */
export const jobsTable = (jobs: readonly Job[], now: number): string => {
  if (jobs.length === 0) return 'There are no jobs.\n'
  const rows = [headings, ...jobs.map((job) => cellsOf(job, now))]
  const widths = columnWidths(rows)
  const notes = jobs.flatMap(noteOf)
  const lines = rows.map((cells) => `${inColumns(cells, widths).trimEnd()}\n`)
  return [...lines, ...(notes.length > 0 ? ['\n'] : []), ...notes].join('')
}

const partText = ({ name, from, to, outcome }: Job['applications'][number]): string => {
  const versions = from === null ? '' : to === null ? ` ${from}` : ` ${from} -> ${to}`
  return oneLine(`${name}${versions}${outcome === null ? '' : `: ${outcome.replaceAll('_', ' ')}`}`)
}

const whole = (job: Job): string =>
  [...(job.atomic ? ['all as one'] : []), ...(job.when === 'now' ? [] : [`when: ${job.when}`])].join(', ')

/** One job with everything that is known, as text that ends with a line feed. @param now Unix milliseconds */
export const jobText = (job: Job, now: number): string => {
  const time = (seconds: number | null): string => (seconds === null ? '' : localTime(seconds * 1000))
  const facts: readonly (readonly [string, string])[] = [
    ['job', oneLine(job.id)],
    ['goal', job.goal],
    ...job.applications.map((part): readonly [string, string] => ['application', partText(part)]),
    ['how', whole(job)],
    ['state', stateOf(job)],
    ['now', stageText(job, now)],
    ['error', job.error === null ? '' : `${oneLine(job.error.message)} [${oneLine(job.error.code)}]`],
    ['plan hash', oneLine(job.plan_hash ?? '')],
    ['asked by', oneLine(job.asked_by)],
    ['asked', time(job.created_at)],
    ['began', time(job.started_at)],
    ['ended', time(job.ended_at)],
  ]
  const shown = facts.filter(([, value]) => value !== '')
  const lines = (job.log ?? []).map((line) => `${lineText(line)}\n`)
  return [
    ...shown.map(([name, value]) => `${name.padEnd(11)}  ${value}\n`),
    ...(lines.length > 0 ? ['\n'] : []),
    ...lines,
  ].join('')
}

/** A line of a job, as `log -f` shows it: what was aligned stays so, and lines within it stand below each other. */
export const lineText = ({ time, text }: LogLine): string => {
  const begin = `${timeOfDay(time * 1000)}  `
  return printable(text)
    .split('\n')
    .map((line, index) => `${index === 0 ? begin : ' '.repeat(begin.length)}${line}`.trimEnd())
    .join('\n')
}
