import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import { requirementsOf } from '../../python/new-virtualenv.js'
import { realFolder, virtualenvObstacle } from '../../python/kept-virtualenv.js'
import { isPythonVersion } from '../../python/versions.js'
import { readVirtualenv, type Virtualenv } from '../../python/virtualenv.js'
import type { Goal, SurveyContext } from '../contract.js'
import { isMissedByNeighbours } from '../dependencies/neighbours.js'
import { refuseWhilePrinting } from '../printing.js'
import { labelOf, requirementFor, toolsOf, type PythonApplication } from './application.js'
import { listIndex, sameVersionIn } from './remote.js'
import { readStaged } from './staging.js'
import {
  installedId,
  isCommit,
  isInstalled,
  offered,
  wantedAgain,
  type KeptVersion,
  type PythonState,
  type Target,
  type Wanted,
} from './state.js'

export type Finding = { readonly target: Target } | { readonly nothing: string }

const unknown = (application: PythonApplication, version: string): MoonkeeperError =>
  new MoonkeeperError(
    'unknown_version',
    `${labelOf(application)}: there is no version '${version}'. What there is: machine.update.versions`,
  )

/** Names where the virtualenv that is left is kept. A clock that was put back names none that is there. */
const freeName = async ({ outside }: PythonApplication, hold: string): Promise<string> => {
  let stamp = outside.clock.now()
  while ((await outside.files.stat(path.join(hold, `kept-${stamp}`))) !== null) stamp += 1
  return path.join(hold, `kept-${stamp}`)
}

/** @throws refused when the virtualenv cannot be kept, or be put back */
const targetFor = async (
  application: PythonApplication,
  what: Pick<Target, 'action' | 'goal' | 'from' | 'again'>,
): Promise<Target> => {
  const { name, options, outside } = application
  const tools = toolsOf(application)
  const folder = await realFolder(options.virtualenv, tools)
  const hold = path.join(path.dirname(folder), '.moonkeeper', name)
  const found = await outside.files.stat(folder)
  const obstacle = found === null ? `there is no ${folder}` : await virtualenvObstacle(folder, hold, tools)
  if (obstacle !== null)
    throw new MoonkeeperError('refused', `${labelOf(application)}: ${obstacle}. Nothing was changed`)
  const kept = await freeName(application, hold)
  return { ...what, folder, inode: found?.ino ?? null, kept, staged: null }
}

/** @throws printing */
export const refusePip = (application: PythonApplication): void =>
  refuseWhilePrinting(labelOf(application), 'pip', application.outside)

/** The version of the index that a name means. @throws unknown_version, command_failed, printing */
const findInIndex = async (
  application: PythonApplication,
  virtualenv: Virtualenv,
  name: string,
  signal: AbortSignal,
): Promise<Wanted> => {
  if (!isPythonVersion(name)) throw unknown(application, name)
  refusePip(application)
  const listed = await listIndex(application, virtualenv, true, signal)
  // A pip that cannot list them tells when it is to install it.
  const version = listed === null ? name : sameVersionIn(listed, name)
  if (version === undefined) throw unknown(application, name)
  return { version, id: version, ref: null }
}

/** What was offered, prepared or left has that name: nobody needs to be asked. */
const findHere = async (
  application: PythonApplication,
  { remote, rollback, kept, source }: PythonState,
  name: string,
): Promise<Wanted | null> => {
  const staged = await readStaged(application)
  const known = [remote, staged, rollback, ...kept].find(
    (one) => one !== null && one.id !== '' && one.id === name,
  )
  if (known === undefined || known === null) return null
  return { version: known.version, id: known.id, ref: source === 'github' ? known.id : null }
}

/** The tag or commit that a name means. @throws unknown_version, remote_failed */
const findInRepository = async (
  application: PythonApplication,
  { owner, project }: PythonState,
  name: string,
  signal: AbortSignal,
): Promise<Wanted> => {
  if (isCommit(name)) return { version: name.slice(0, 12), id: name, ref: name }
  const release = /^[\w.+-]+$/.test(name)
    ? await application.outside.forge.byTag(owner, project, name, signal)
    : null
  if (release === null) throw unknown(application, name)
  return { version: release.tag, id: release.tag, ref: release.tag }
}

/** @throws unknown_version, not_valid, what the remote refuses */
export const findVersion = async (
  application: PythonApplication,
  state: PythonState,
  name: string,
  signal: AbortSignal,
): Promise<Wanted> => {
  const here = await findHere(application, state, name)
  if (here !== null) return here
  if (state.source === 'github') return findInRepository(application, state, name, signal)
  const virtualenv = await readVirtualenv(application.options.virtualenv, toolsOf(application))
  if (virtualenv === null) throw unknown(application, name)
  return findInIndex(application, virtualenv, name, signal)
}

const refuseInvalid = (application: PythonApplication, { valid, warnings }: PythonState): void => {
  if (valid) return
  const why = warnings[0] ?? 'it was not looked at yet'
  throw new MoonkeeperError('not_valid', `${labelOf(application)}: it cannot be updated. ${why}`)
}

const surveyUpgrade = async (
  application: PythonApplication,
  state: PythonState,
  version: string | null,
  context: SurveyContext,
): Promise<Finding> => {
  refuseInvalid(application, state)
  const wanted =
    version === null ? offered(state) : await findVersion(application, state, version, context.signal)
  if (wanted === null || isInstalled(state, wanted)) return { nothing: '' }
  if (!context.shown) refusePip(application)
  return { target: await targetFor(application, { action: 'install', goal: wanted, from: null, again: [] }) }
}

/** The kept version that a name means, where its virtualenv still works. */
const keptFor = async (
  application: PythonApplication,
  { kept, rollback }: PythonState,
  version: string | null,
): Promise<KeptVersion | null> => {
  const found = kept.find((one) =>
    version === null ? one.id === rollback?.id : one.id === version || one.version === version,
  )
  if (found === undefined) return null
  const virtualenv = await readVirtualenv(found.folder, toolsOf(application))
  if (virtualenv === null || virtualenv.problem !== null) return null
  const { options, outside } = application
  const folder = await realFolder(options.virtualenv, outside)
  return (await isMissedByNeighbours(folder, found.folder, outside)) ? null : found
}

const surveyRollback = async (
  application: PythonApplication,
  state: PythonState,
  version: string | null,
  context: SurveyContext,
): Promise<Finding> => {
  const { rollback } = state
  if (version === null && (rollback === null || isInstalled(state, rollback))) return { nothing: '' }
  const here = await keptFor(application, state, version)
  if (here !== null) {
    const goal = { version: here.version, id: here.id, ref: null }
    return {
      target: await targetFor(application, { action: 'exchange', goal, from: here.folder, again: [] }),
    }
  }
  // What is not kept comes from where it came from.
  return surveyUpgrade(application, state, version ?? rollback?.id ?? '', context)
}

/** What is installed again: exactly what is there, as far as it can be read, and the package itself in any case. */
const linesAgain = async (application: PythonApplication, state: PythonState): Promise<string[]> => {
  const tools = toolsOf(application)
  const folder = await realFolder(application.options.virtualenv, tools)
  const virtualenv = await readVirtualenv(folder, tools)
  const sitePackages = virtualenv?.sitePackages ?? null
  const own = requirementFor(application, wantedAgain(state), state.url)
  if (sitePackages === null) return [own]
  const others = await requirementsOf(sitePackages, tools, [application.project])
  return [own, ...others]
}

const surveyRecovery = async (
  application: PythonApplication,
  state: PythonState,
  hard: boolean,
): Promise<Finding> => {
  // compat: Moonraker's words; what works needs no recovery.
  if (state.valid && !hard)
    throw new MoonkeeperError('not_supported', `Updater ${application.name} is not a Git Repo Type`)
  refusePip(application)
  const goal = { version: state.version, id: installedId(state), ref: null }
  const again = await linesAgain(application, state)
  return { target: await targetFor(application, { action: 'remake', goal, from: null, again }) }
}

/** The I/O before a plan. @throws not_valid, not_supported, refused, unknown_version, printing, remote_failed */
export const survey = async (
  application: PythonApplication,
  state: PythonState,
  goal: Goal,
  context: SurveyContext,
): Promise<Finding> => {
  switch (goal.kind) {
    case 'upgrade':
      return surveyUpgrade(application, state, goal.version, context)
    case 'rollback':
      return surveyRollback(application, state, goal.version, context)
    case 'recover':
      return surveyRecovery(application, state, goal.hard)
  }
}
