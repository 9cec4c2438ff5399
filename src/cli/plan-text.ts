import type { ApplicationPlan, PackageChange, Plan } from '../contract/generated/types.js'
import { sizeText } from './size-text.js'
import { fit, oneLine, printable } from './terminal-text.js'

/** Commits or lines of notes that are shown; the others are counted. */
const most = 10

/** How it is shown. */
export interface Look {
  readonly colour: boolean
  /** Columns for a line; Infinity where nothing is cut. */
  readonly columns: number
}

const red = '\x1b[31m'
const yellow = '\x1b[33m'
const plain = '\x1b[0m'

const loud = (text: string, look: Look): string => (look.colour ? `${red}${text}${plain}` : text)
const warned = (text: string, look: Look): string => (look.colour ? `${yellow}${text}${plain}` : text)

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

const list = (items: readonly string[]): string => items.map(oneLine).join(', ')

/** `name 1.0 -> 1.1 (where it comes from)` */
const packageText = ({ name, from, to, origin }: PackageChange): string => {
  const versions = from !== null && to !== null ? `${from} -> ${to}` : (to ?? from ?? '')
  const source = origin === undefined || origin === '' ? '' : ` (${origin})`
  return oneLine(`${name} ${versions}${source}`)
}

const packageTexts = (changes: readonly PackageChange[]): string => changes.map(packageText).join(', ')

const goes = ({ to }: PackageChange): boolean => to === null

/** What is lost, or cannot be taken back, before everything else. */
const losses = (plan: ApplicationPlan): readonly string[] => {
  const { packages, python = [], node = [] } = plan
  const removed: readonly (readonly [string, readonly PackageChange[]])[] = [
    ['packages', packages.remove],
    ['Python packages', python.filter(goes)],
    ['Node packages', node.filter(goes)],
  ]
  return [
    ...removed
      .filter(([, changes]) => changes.length > 0)
      .map(([what, changes]) => `REMOVES ${what}: ${packageTexts(changes)}`),
    ...(plan.downgrade ? [`GOES BACK to an older version: ${oneLine(plan.to.version)}`] : []),
    ...(plan.reversible ? [] : ['CANNOT BE TAKEN BACK']),
  ]
}

const commitLines = ({ commits = [], commits_count: given }: ApplicationPlan): readonly string[] => {
  const count = given ?? commits.length
  if (count === 0) return []
  const shown = commits.slice(0, most)
  const more = count - shown.length
  return [
    `${counted(count, 'commit')}${shown.length > 0 ? ':' : ''}`,
    ...shown.map(({ sha, subject }) => `  ${oneLine(sha).slice(0, 8)}  ${oneLine(subject)}`),
    ...(more > 0 && shown.length > 0 ? [`  and ${more} more`] : []),
  ]
}

const noteLines = ({ release_notes: notes }: ApplicationPlan): readonly string[] => {
  const lines = printable(notes ?? '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
  if (lines.length === 0) return []
  const more = lines.length - most
  return [
    'notes of the release:',
    ...lines.slice(0, most).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${counted(more, 'more line')}`] : []),
  ]
}

const sizeLine = (plan: ApplicationPlan): readonly string[] => {
  const { files, download_bytes: download, disk_bytes: disk } = plan
  const parts = [
    ...(files === undefined ? [] : [`${counted(files, 'file')} ${files === 1 ? 'changes' : 'change'}`]),
    ...(download === undefined || download === 0 ? [] : [`${sizeText(download)} to download`]),
    ...(disk === undefined || disk === 0 ? [] : [`${sizeText(disk)} needed on the disk meanwhile`]),
  ]
  return parts.length === 0 ? [] : [parts.join(', ')]
}

const dependencyLines = ({ packages, python = [], node = [] }: ApplicationPlan): readonly string[] => {
  const stays = (changes: readonly PackageChange[]): string =>
    packageTexts(changes.filter((change) => !goes(change)))
  const lines: readonly (readonly [string, string])[] = [
    ['new packages', packageTexts(packages.install)],
    ['packages that change', packageTexts(packages.upgrade)],
    ['Python packages', stays(python)],
    ['Node packages', stays(node)],
  ]
  return lines.filter(([, text]) => text !== '').map(([what, text]) => `${what}: ${text}`)
}

const effects = ({ goal, services, edits }: ApplicationPlan): readonly string[] => [
  ...(services.length > 0 ? [`restarts: ${list(services)}`] : []),
  ...(edits.length > 0
    ? [`your edits are ${goal === 'recover' ? 'kept as a patch' : 'carried over'}: ${list(edits)}`]
    : []),
]

/** The same version again: a recovery. */
const versionsOf = ({ from, to }: ApplicationPlan): string => {
  const [before, after] = [oneLine(from.version), oneLine(to.version)]
  return from.id === to.id ? `${before}, brought back as it was` : `${before} -> ${after}`
}

const applicationLines = (plan: ApplicationPlan, look: Look): readonly string[] => {
  const inside = (line: string): string => fit(`  ${line}`, look.columns)
  return [
    `${oneLine(plan.name)}: ${versionsOf(plan)}`,
    // What matters most is never cut.
    ...losses(plan).map((line) => `  ${loud(line, look)}`),
    ...[...commitLines(plan), ...noteLines(plan)].map(inside),
    ...[...sizeLine(plan), ...dependencyLines(plan), ...effects(plan)].map((line) => `  ${line}`),
    ...plan.warnings.map((text) => `  ${warned(`Note: ${oneLine(text)}`, look)}`),
    '',
  ]
}

const idleLines = (plans: readonly ApplicationPlan[], look: Look): readonly string[] => {
  if (plans.length === 0) return []
  const names = plans.map(({ name, from }) => `${oneLine(name)} (${oneLine(from.version)})`).join(', ')
  const notes = plans.flatMap(({ name, warnings }) =>
    warnings.map((text) => `  ${warned(`${oneLine(name)}: ${oneLine(text)}`, look)}`),
  )
  return [`Nothing to do: ${names}`, ...notes, '']
}

const acceptLines = (plan: Plan, command: string | null): readonly string[] => {
  if (command === null)
    return ['These can be done one at a time only: `moonkeeper plan NAME` shows the hash of each.']
  const reasons = plan.needs_plan_hash
  const why =
    reasons.length > 0
      ? [
          'It is refused unless you accept it by its hash, because:',
          ...reasons.map((text) => `  ${oneLine(text)}`),
        ]
      : []
  return [...why, 'To do exactly this, and nothing if it is not the same any more by then:', `  ${command}`]
}

/**
 * What would happen, for people, as text that ends with a line feed.
 * @param command what accepts it; null when no single command does
 */
export const planText = (plan: Plan, command: string | null, look: Look): string => {
  const needed = plan.applications.filter((application) => application.needed)
  const idle = plan.applications.filter((application) => !application.needed)
  const lines = [
    ...needed.flatMap((application) => applicationLines(application, look)),
    ...idleLines(idle, look),
    ...plan.warnings.map((text) => warned(`Note: ${oneLine(text)}`, look)),
    ...(plan.warnings.length > 0 ? [''] : []),
    ...(needed.length > 0 ? acceptLines(plan, command) : []),
  ]
  if (lines.length === 0) return 'Nothing to do.\n'
  return `${lines.join('\n').trimEnd()}\n`
}
