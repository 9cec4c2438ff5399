import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import { listDistributions, normalName, readDistribution } from '../../python/distributions.js'
import { writeGitOrigin } from '../../python/direct-url.js'
import { isOlderPip, pipVersion, runPip, type PipCall } from '../../python/pip.js'
import { isSamePythonVersion } from '../../python/versions.js'
import type { Step, StepContext } from '../contract.js'
import { pipFolder, usableVirtualenv, type UsableVirtualenv } from '../virtualenv-steps.js'
import { labelOf, pipOf, requirementFor, toolsOf, type PythonApplication } from './application.js'
import { installedProject } from './install.js'
import { pipLines } from './pip-lines.js'
import { newestPipFor, stagedFolder, upgradeArguments } from './staging.js'
import { wantedAgain, type PythonState, type StagedPackages, type Target } from './state.js'

export const installName = 'install packages'

interface Work {
  readonly application: PythonApplication
  readonly target: Target
  readonly virtualenv: UsableVirtualenv
  readonly context: StepContext
}

const begin = async (application: PythonApplication, target: Target, context: StepContext): Promise<Work> => {
  const virtualenv = await usableVirtualenv(target.folder, toolsOf(application))
  return { application, target, virtualenv, context }
}

const callOf = ({ application, virtualenv, context }: Work, args: readonly string[]): PipCall => ({
  ...pipOf(application, virtualenv, context.signal),
  temporary: pipFolder(context, 'tmp'),
  args,
})

const install = async (
  work: Work,
  args: readonly string[],
  lines: 'all' | 'whileInstalling',
): Promise<void> => {
  const { application, context } = work
  const said = pipLines(application, context.progress)
  const call = callOf(work, ['install', ...args])
  const what = `${labelOf(application)}: the installation`
  await said.during(context.signal, () => runPip(what, { ...call, onLine: said[lines] }))
}

const offline = ({ application }: Work): readonly string[] => [
  '--no-index',
  '--no-deps',
  '--find-links',
  stagedFolder(application),
]

const wrong = ({ application }: Work, what: string): MoonkeeperError =>
  new MoonkeeperError(
    'command_failed',
    `${labelOf(application)}: pip said that all went well, and yet ${what}. Is the index reachable?`,
  )

/** pip says success too where it did nothing. @throws command_failed */
const provePackages = async (
  work: Work,
  packages: readonly { readonly name: string; readonly version: string }[],
): Promise<void> => {
  const { application, virtualenv } = work
  const found = await listDistributions(virtualenv.sitePackages, application.outside.files)
  for (const { name, version } of packages) {
    const installed = found.filter((one) => normalName(one.name) === normalName(name))
    if (installed.length === 1 && isSamePythonVersion(installed[0]?.version ?? '', version)) continue
    const what = installed.map((one) => one.version).join(' and ') || 'nothing'
    throw wrong(work, `${what} of ${name} is installed instead of ${version}`)
  }
}

/** What was built of a commit came as a file: where it is from is written down, so that it can be asked again. */
const noteCommit = async (work: Work, state: PythonState, { commit }: StagedPackages): Promise<void> => {
  const { application, target, virtualenv } = work
  if (commit === null) return
  const { files } = application.outside
  const found = await readDistribution(virtualenv.sitePackages, application.project, files)
  if (found === null) throw wrong(work, `${application.project} is not installed`)
  const { ref } = target.goal
  await writeGitOrigin(found.folder, { url: state.url, commit, asked: ref === commit ? null : ref }, files)
}

const installStaged = async (work: Work, state: PythonState, staged: StagedPackages): Promise<void> => {
  if (staged.pip !== null) await install(work, [...offline(work), `pip==${staged.pip}`], 'whileInstalling')
  const wanted = staged.packages.map(({ name, version }) => `${name}==${version}`)
  // Two commits may have the same version.
  const again = staged.commit === null ? [] : ['--force-reinstall']
  await install(work, [...offline(work), ...again, '--', ...wanted], 'whileInstalling')
  await noteCommit(work, state, staged)
  await provePackages(work, staged.packages)
}

/** A pip that cannot tell beforehand finds out while it installs. */
const installDirectly = async (work: Work, state: PythonState): Promise<void> => {
  const { application, target, context, virtualenv } = work
  const label = labelOf(application)
  const newest = newestPipFor(virtualenv)
  const installed = (await pipVersion(virtualenv, toolsOf(application))) ?? ''
  context.progress(`${label}: Checking pip version...`)
  if (isOlderPip(installed, newest)) {
    context.progress(`${label}: Updating pip from version ${installed} to ${newest}...`)
    await install(work, ['-U', `pip<=${newest}`], 'all')
  } else context.progress(`${label}: Pip version up to date`)
  const from = state.source === 'github' ? 'GITHUB' : 'PIP'
  context.progress(`${label}: Updating Python Package ${application.name} from ${from}...`)
  const { version, ref } = target.goal
  const requirement = requirementFor(application, { version, ref }, state.url)
  await install(work, [...upgradeArguments(application), '--', requirement], 'all')
  if (ref === null) return provePackages(work, [{ name: application.project, version }])
  const found = await installedProject(application, virtualenv.sitePackages)
  if (found?.source !== 'github' || found.commit === state.commit)
    throw wrong(work, `${found?.commit ?? 'nothing'} is installed instead of ${ref}`)
}

/** pip changes the virtualenv. What undoes it is the copy that was kept before. */
export const installStep = (application: PythonApplication, state: PythonState, target: Target): Step => ({
  name: installName,
  async run(context) {
    const work = await begin(application, target, context)
    if (target.staged === null) await installDirectly(work, state)
    else await installStaged(work, state, target.staged)
  },
})

/** Exactly what was there; where that cannot be had for another Python, the package itself in its version. */
const installAgain = async (work: Work, lines: readonly string[], fallback: string): Promise<void> => {
  const { application, context } = work
  const file = path.join(context.workFolder, 'again.txt')
  await application.outside.files.makeFolder(context.workFolder)
  await application.outside.files.writeText(file, `${lines.join('\n')}\n`)
  try {
    await install(work, ['-r', file], 'all')
  } catch (thrown) {
    context.signal.throwIfAborted()
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    context.progress(`${why}. Trying again with ${fallback} and what it needs now`)
    await install(work, ['--', fallback], 'all')
  }
}

/** Fills a virtualenv that was made anew. */
export const installAgainStep = (
  application: PythonApplication,
  state: PythonState,
  target: Target,
): Step => ({
  name: 'install again',
  async run(context) {
    const work = await begin(application, target, context)
    const { version, url } = state
    await installAgain(work, target.again, requirementFor(application, wantedAgain(state), url))
    const found = await installedProject(application, work.virtualenv.sitePackages)
    if (found === null) throw wrong(work, `${application.project} is not installed`)
    if (version !== '?') await provePackages(work, [{ name: application.project, version }])
  },
})
