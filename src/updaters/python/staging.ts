import { createHash } from 'node:crypto'
import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import type { StagedPackages } from '../../contract/generated/types.js'
import { StagedPackages as validate } from '../../contract/generated/validators.js'
import { listDistributions, normalName } from '../../python/distributions.js'
import { isOlderPip, pipVersion, runPip } from '../../python/pip.js'
import { resolvePackages, type Resolved } from '../../python/report.js'
import { isSamePythonVersion } from '../../python/versions.js'
import type { Virtualenv } from '../../python/virtualenv.js'
import type { PrepareContext } from '../contract.js'
import { labelOf, pipOf, requirementFor, toolsOf, type PythonApplication } from './application.js'
import { pipLines } from './pip-lines.js'
import type { PythonState, Wanted } from './state.js'

/** What was downloaded and built lies here. */
export const stagedFolder = ({ store }: PythonApplication): string => path.join(store, 'staged')

/** Says what lies there. Written last and removed first. */
const noteFile = ({ store }: PythonApplication): string => path.join(store, 'staged.json')

/** The newest pip that a version of Python gets: a newer one may not run on it. */
const newestPips: readonly (readonly [string, string])[] = [
  ['3.7', '20.3.4'],
  ['3.8', '24.0'],
  ['3.9', '25.0.1'],
]
const newestPip = '25.2'

export const newestPipFor = ({ madeFor }: Virtualenv): string =>
  newestPips.find(([below]) => madeFor !== null && isOlderPip(madeFor, below))?.[1] ?? newestPip

/** Names all that is installed. */
const fingerprint = async (application: PythonApplication, virtualenv: Virtualenv): Promise<string> => {
  const { sitePackages } = virtualenv
  const found = sitePackages === null ? [] : await listDistributions(sitePackages, application.outside.files)
  const names = found.map(({ name, version }) => `${normalName(name)}==${version}`)
  return createHash('sha256')
    .update([virtualenv.madeFor, ...names].join('\n'))
    .digest('hex')
}

const parse = (text: string | null): StagedPackages | null => {
  try {
    const note: unknown = JSON.parse(text ?? 'null')
    return validate(note) ? (note as StagedPackages) : null
  } catch {
    return null
  }
}

/** What was staged; null when nothing is. */
export const readStaged = async (application: PythonApplication): Promise<StagedPackages | null> =>
  parse(await application.outside.files.readText(noteFile(application)))

/** What was staged for a version, and still fits; null when there is nothing of the kind. */
export const stagedFor = async (
  application: PythonApplication,
  virtualenv: Virtualenv,
  { id }: Wanted,
): Promise<StagedPackages | null> => {
  const note = await readStaged(application)
  if (note?.id !== id) return null
  return note.installed === (await fingerprint(application, virtualenv)) ? note : null
}

export const discardStaged = async (application: PythonApplication): Promise<void> => {
  const { files } = application.outside
  await files.remove(noteFile(application))
  await files.remove(application.store)
}

/** One thing that pip was asked for, with its lines for people. */
interface Question {
  readonly application: PythonApplication
  readonly virtualenv: Virtualenv
  readonly context: PrepareContext
}

const resolve = async (
  { application, virtualenv, context }: Question,
  args: readonly string[],
): Promise<readonly Resolved[]> => {
  const lines = pipLines(application, context.progress)
  const setup = pipOf(application, virtualenv, context.signal)
  const what = `${labelOf(application)}: finding out what to install`
  return lines.during(context.signal, () =>
    resolvePackages(what, { ...setup, args, onLine: lines.whileResolving }),
  )
}

/** The version that pip is to have first; null when the installed one stays. What fails here is no obstacle. */
const resolvePip = async (question: Question): Promise<Resolved | null> => {
  const { application, virtualenv, context } = question
  const label = labelOf(application)
  const installed = (await pipVersion(virtualenv, toolsOf(application))) ?? ''
  const newest = newestPipFor(virtualenv)
  context.progress(`${label}: Checking pip version...`)
  if (!isOlderPip(installed, newest)) {
    context.progress(`${label}: Pip version up to date`)
    return null
  }
  context.progress(`${label}: Updating pip from version ${installed} to ${newest}...`)
  try {
    const [pip = null] = await resolve(question, ['-U', `pip<=${newest}`])
    return pip
  } catch (thrown) {
    context.signal.throwIfAborted()
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    context.progress(`Pip Version Check Error: ${why}`)
    return null
  }
}

/** Options of `pip install` for an update: dependencies get their newest fitting version too. */
export const upgradeArguments = ({ options }: PythonApplication): readonly string[] => [
  '-U',
  '--upgrade-strategy',
  'eager',
  ...(options.channel === 'beta' ? ['--pre'] : []),
]

/** What is installed for a version: the project and its dependencies. @throws remote_failed, command_failed */
export const resolveVersion = async (
  question: Question,
  state: PythonState,
  wanted: Wanted,
  exact: boolean,
): Promise<readonly Resolved[]> => {
  const { application } = question
  const version = exact ? wanted.version : null
  const requirement = requirementFor(application, { version, ref: wanted.ref }, state.url)
  const args = [...upgradeArguments(application), '--', requirement]
  const resolved = await resolve(question, args).catch((thrown: unknown) => {
    throw isOutOfReach(thrown) ? outOfReach(application, wanted, thrown) : thrown
  })
  const own = projectIn(application, resolved)
  if (own !== null && (wanted.ref !== null || isSamePythonVersion(own.version, wanted.version)))
    return resolved
  // pip says success where the index cannot be reached and some version is installed.
  if (exact || wanted.ref !== null) throw outOfReach(application, wanted, null)
  return resolveVersion(question, state, wanted, true)
}

/** As pip puts it when no index tells it anything. */
const isOutOfReach = (thrown: unknown): boolean =>
  thrown instanceof MoonkeeperError && thrown.message.includes('(from versions: none)')

const outOfReach = (application: PythonApplication, { version }: Wanted, cause: unknown): MoonkeeperError =>
  new MoonkeeperError(
    'remote_failed',
    `${labelOf(application)}: ${version}, or what it needs, cannot be had. The index cannot be reached, or has it no ` +
      `more${cause instanceof Error ? `: ${cause.message}` : ''}`,
    cause,
  )

const projectIn = ({ project }: PythonApplication, resolved: readonly Resolved[]): Resolved | null =>
  resolved.find(({ name }) => normalName(name) === normalName(project)) ?? null

/** One line of a requirements file, exactly: what is downloaded is what was resolved. */
const lineOf = ({ name, version, sha256, commit, url }: Resolved): string => {
  if (commit !== null) return `${name} @ ${url}@${commit}`
  return sha256 === null ? `${name}==${version}` : `${name}==${version} --hash=sha256:${sha256}`
}

/** Downloads, checks and builds these. pip wants a hash of all of a file, or of none. */
const fetchAll = async (question: Question, packages: readonly Resolved[]): Promise<void> => {
  const { application, virtualenv, context } = question
  const { files } = application.outside
  const lines = pipLines(application, context.progress)
  const withHash = packages.filter(({ sha256, commit }) => sha256 !== null && commit === null)
  const others = packages.filter((one) => !withHash.includes(one))
  for (const [index, group] of [withHash, others].entries()) {
    if (group.length === 0) continue
    const file = path.join(application.store, `wanted-${index}.txt`)
    await files.writeText(file, `${group.map(lineOf).join('\n')}\n`)
    const args = ['wheel', '--no-deps', '-w', stagedFolder(application), '-r', file]
    const setup = pipOf(application, virtualenv, context.signal)
    const what = `${labelOf(application)}: getting what is to be installed`
    await lines.during(context.signal, () => runPip(what, { ...setup, args, onLine: lines.whileBuilding }))
    await files.remove(file)
  }
}

const prepareAll = async (
  question: Question,
  state: PythonState,
  wanted: Wanted,
  exact: boolean,
): Promise<StagedPackages> => {
  const { application, virtualenv, context } = question
  const installed = await fingerprint(application, virtualenv)
  const pip = await resolvePip(question)
  const from = state.source === 'github' ? 'GITHUB' : 'PIP'
  const label = labelOf(application)
  context.progress(`${label}: Updating Python Package ${application.name} from ${from}...`)
  const packages = await resolveVersion(question, state, wanted, exact)
  await fetchAll(question, pip === null ? packages : [pip, ...packages])
  const own = projectIn(application, packages)
  return {
    id: wanted.id,
    version: own?.version ?? wanted.version,
    commit: own?.commit ?? null,
    pip: pip?.version ?? null,
    packages: packages.map(({ name, version }) => ({ name, version })),
    installed,
  }
}

/**
 * Finds out what a version needs, downloads it, checks it and builds what is to be built, beside the virtualenv, which
 * is not changed.
 * @throws remote_failed, command_failed
 */
export const stage = async (
  question: Question,
  state: PythonState,
  wanted: Wanted,
  exact: boolean,
): Promise<StagedPackages> => {
  const { application } = question
  const { files, log } = application.outside
  await discardStaged(application)
  await files.makeFolder(stagedFolder(application))
  try {
    const note = await prepareAll(question, state, wanted, exact)
    await files.writeText(noteFile(application), `${JSON.stringify(note)}\n`)
    return note
  } catch (thrown) {
    await discardStaged(application).catch((failure: unknown) => {
      log.warn({ err: failure }, 'what was staged could not be removed')
    })
    throw thrown
  }
}
