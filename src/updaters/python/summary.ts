import type { ApplicationPlan, PackageChange } from '../../contract/generated/types.js'
import { listDistributions, normalName } from '../../python/distributions.js'
import { virtualenvSize } from '../../python/kept-virtualenv.js'
import { canReport, pipVersion } from '../../python/pip.js'
import { changesOf } from '../../python/report.js'
import { isNewerPythonVersion, shortPythonVersion } from '../../python/versions.js'
import { readVirtualenv, type Virtualenv } from '../../python/virtualenv.js'
import type { Goal, SurveyContext } from '../contract.js'
import { toolsOf, type PythonApplication } from './application.js'
import { resolveVersion } from './staging.js'
import { installedId, type PythonState, type Target } from './state.js'

interface Packages {
  readonly python?: PackageChange[]
  readonly warnings: readonly string[]
}

const none: ApplicationPlan['packages'] = { install: [], upgrade: [], remove: [] }

const unknowable = (why: string): Packages => ({
  warnings: [`Which other packages change is not known: ${why}`],
})

/** What pip says that it would do. */
const packagesOfInstall = async (
  application: PythonApplication,
  state: PythonState,
  target: Target,
  virtualenv: Virtualenv,
  context: SurveyContext,
): Promise<Packages> => {
  const tools = toolsOf(application)
  const pip = await pipVersion(virtualenv, tools)
  if (!canReport(pip)) return unknowable(`pip ${pip} cannot tell what it would install, 22.2 and later can.`)
  if (application.outside.isPrinting()) return unknowable('pip is not started while Klippy is printing.')
  try {
    const question = { application, virtualenv, context: { ...context, progress: () => undefined } }
    const resolved = await resolveVersion(question, state, target.goal, true)
    return { python: [...(await changesOf(resolved, { virtualenv, tools }))], warnings: [] }
  } catch (thrown) {
    context.signal.throwIfAborted()
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    return { warnings: [`It would fail as things are. ${why}`] }
  }
}

const versionsIn = async (
  application: PythonApplication,
  virtualenv: Virtualenv | null,
): Promise<ReadonlyMap<string, string>> => {
  const sitePackages = virtualenv?.sitePackages ?? null
  const found = sitePackages === null ? [] : await listDistributions(sitePackages, application.outside.files)
  return new Map(found.map(({ name, version }) => [normalName(name), version]))
}

/** What lies in the other virtualenv instead. */
const packagesOfExchange = async (
  application: PythonApplication,
  virtualenv: Virtualenv,
  from: string,
): Promise<Packages> => {
  const other = await readVirtualenv(from, toolsOf(application))
  const [here, there] = await Promise.all([
    versionsIn(application, virtualenv),
    versionsIn(application, other),
  ])
  const names = [...new Set([...here.keys(), ...there.keys()])].sort()
  const changes = names.map((name) => ({
    name,
    from: here.get(name) ?? null,
    to: there.get(name) ?? null,
  }))
  return { python: changes.filter(({ from: old, to }) => old !== to), warnings: [] }
}

const packagesOf = async (
  application: PythonApplication,
  state: PythonState,
  target: Target,
  context: SurveyContext,
): Promise<Packages> => {
  if (target.action === 'remake')
    return {
      warnings: [`${target.folder} is made anew, and gets again: ${target.again.join(', ') || 'nothing'}`],
    }
  const virtualenv = await readVirtualenv(target.folder, toolsOf(application))
  if (!context.shown || virtualenv === null) return { warnings: [] }
  return target.action === 'exchange'
    ? packagesOfExchange(application, virtualenv, target.from ?? '')
    : packagesOfInstall(application, state, target, virtualenv, context)
}

/** pip tells no sizes, and an index no notes. */
const unmeasured = 'How much is downloaded, and what is new in it, is not known before.'

/** A copy of the virtualenv is kept, and what is new comes on top. */
const sizesOf = async (
  application: PythonApplication,
  { action, folder }: Target,
  signal: AbortSignal,
): Promise<Partial<ApplicationPlan>> => {
  if (action === 'exchange') return { download_bytes: 0, disk_bytes: 0 }
  const size = await virtualenvSize(folder, toolsOf(application), signal)
  return size === null ? {} : { disk_bytes: size }
}

const isBack = (state: PythonState, goal: Goal, { goal: wanted }: Target): boolean =>
  goal.kind === 'upgrade' && isNewerPythonVersion(state.version, wanted.version)

/** The plan as people see it. @param target null when there is nothing to do */
export const summarise = async (
  application: PythonApplication,
  state: PythonState,
  goal: Goal,
  target: Target | null,
  context: SurveyContext,
): Promise<ApplicationPlan> => {
  const from = { version: shortPythonVersion(state.version), id: installedId(state) }
  const plan = {
    name: application.name,
    type: 'python',
    goal: goal.kind,
    needed: target !== null,
    from,
    packages: none,
    edits: [],
    reversible: true,
  }
  const older =
    goal.kind !== 'upgrade' || state.failure === ''
      ? []
      : [`What is new is not known, it is as it was seen last: ${state.failure}`]
  if (target === null) return { ...plan, to: from, downgrade: false, services: [], warnings: older }
  const { python, warnings } = await packagesOf(application, state, target, context)
  return {
    ...plan,
    to: { version: shownVersion(target), id: target.goal.id },
    downgrade: isBack(state, goal, target),
    services: [...application.options.managed_services],
    ...(await sizesOf(application, target, context.signal)),
    ...(python === undefined ? {} : { python }),
    warnings: [...older, ...warnings, ...(target.action === 'exchange' ? [] : [unmeasured])],
  }
}

/** A commit that is named by its hash is no version. */
const shownVersion = ({ goal: { version } }: Target): string => {
  const short = shortPythonVersion(version)
  return short === '?' ? version : short
}
