import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import type { Commands } from '../system/commands.js'
import type { Files } from '../system/files.js'
import { Git, GitError } from '../updaters/git_repo/git.js'
import { withOptions } from './configuration.js'
import { fastImportStream } from './fast-import.js'
import { demoHistory } from './history.js'

export interface DemoSetup {
  readonly dataPath: string
  readonly commands: Commands
  readonly files: Files
  /** The text of moonraker.conf.example: its section [update_manager demo-app] is pointed at the demo. */
  readonly example: string
}

const branch = 'master'
const installedVersion = 'v1.0.0'

/** git as it would be for nobody in particular: whatever the user configured changes nothing. */
const environment = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Luna Example',
  GIT_AUTHOR_EMAIL: 'luna@example.invalid',
  GIT_COMMITTER_NAME: 'Luna Example',
  GIT_COMMITTER_EMAIL: 'luna@example.invalid',
}

const requireGit = async (git: Git): Promise<void> => {
  try {
    await git.run(['version'])
  } catch (cause) {
    const next = 'Install it (on Debian and Raspberry Pi OS: sudo apt install git), or start without --demo.'
    throw new MoonkeeperError(
      'command_failed',
      `The demo machine is made of git repositories, and git does not run here. ${next}`,
      cause,
    )
  }
}

const makeUpstream = async (upstream: Git): Promise<void> => {
  await upstream.run(['init', '--quiet', '--bare'])
  await upstream.run(['symbolic-ref', 'HEAD', `refs/heads/${branch}`])
  await upstream.run(['fast-import', '--quiet'], { input: fastImportStream(demoHistory, branch) })
}

/** A checkout some commits behind. @param origin where the upstream will be */
const makeCheckout = async (checkout: Git, upstream: string, origin: string): Promise<void> => {
  await checkout.run(['clone', '--quiet', '--no-hardlinks', '--no-checkout', '--', upstream, '.'])
  await checkout.run(['reset', '--quiet', '--hard', installedVersion])
  await checkout.run(['remote', 'set-url', 'origin', origin])
}

/** Builds beside and renames: the folder is there as a whole, or not at all. */
const buildRepositories = async ({ commands, files, dataPath }: DemoSetup, folder: string): Promise<void> => {
  const building = path.join(dataPath, '.demo.building')
  await files.remove(building)
  const upstream = path.join(building, 'upstream.git')
  const checkout = path.join(building, 'demo-app')
  for (const made of [building, upstream, checkout]) await files.makeFolder(made)
  await requireGit(new Git(commands, building, environment))
  try {
    await makeUpstream(new Git(commands, upstream, environment))
    await makeCheckout(new Git(commands, checkout, environment), upstream, path.join(folder, 'upstream.git'))
  } catch (cause) {
    const words = cause instanceof GitError ? `: ${cause.messages.join(' ')}` : ''
    throw new MoonkeeperError(
      'command_failed',
      `The demo's repositories could not be made in ${building}${words}. Is there space, and may this user write there?`,
      cause,
    )
  }
  await files.rename(building, folder)
}

/**
 * Where there is no configuration yet: makes a pretend application with an upstream of its own, several commits
 * behind it, and a configuration that looks after it. It needs git, and no network. A folder `demo` that is there
 * already is used as it is. The configuration comes last: a crash before it is made good by the next start.
 * @throws command_failed when git is missing or fails; refused when the path cannot stand in a configuration
 */
export const setUpDemoMachine = async (setup: DemoSetup): Promise<void> => {
  const { files } = setup
  const dataPath = path.resolve(setup.dataPath)
  const configuration = path.join(dataPath, 'config', 'moonraker.conf')
  if ((await files.stat(configuration)) !== null) return
  const folder = path.join(dataPath, 'demo')
  // Before anything is built: it refuses paths that cannot be written down.
  // The machine that shows the demo is none of it.
  const example = withOptions(setup.example, 'update_manager', { enable_system_updates: 'False' })
  const text = withOptions(example, 'update_manager demo-app', {
    path: path.join(folder, 'demo-app'),
    origin: path.join(folder, 'upstream.git'),
    primary_branch: branch,
  })
  if ((await files.stat(folder)) === null) await buildRepositories({ ...setup, dataPath }, folder)
  await files.makeFolder(path.dirname(configuration))
  await files.writeText(configuration, text)
}
