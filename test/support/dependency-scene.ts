import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { GitRepoOptions } from '../../src/updaters/git_repo/options.js'
import type { Overrides } from './engine.js'
import { temporaryFolder } from './folder.js'
import { serveIndex, type PackageIndex } from './package-index.js'
import { commit, git } from './repositories.js'
import { scene, type Scene } from './scene.js'
import { installWheel, makeVirtualenv, runScript } from './virtualenv.js'
import type { TestWheel } from './wheels.js'

type Files = Readonly<Record<string, string>>

export interface DependencyScene extends Scene {
  readonly index: PackageIndex
  readonly env: string
  /** The commit that is installed first. */
  readonly old: string
  /** Publishes another version, and looks for it. @returns its commit */
  publish(files: Readonly<Record<string, string | null>>): Promise<string>
  /** What the command of a package says; null when there is none. */
  says(name: string): string | null
  readonly head: () => string
  readonly messages: () => readonly string[]
  /** What is kept beside the application. */
  readonly held: () => readonly string[]
}

export const requirements = 'scripts/requirements.txt'

export const demo = (version: string, more: Partial<TestWheel> = {}): TestWheel => ({
  name: 'demo',
  version,
  ...more,
})

/** An application at a version with these files, in whose virtualenv demo 1.0 is installed. A later one is published. */
export const dependencyScene = async (
  t: TestContext,
  from: Files,
  to: Files,
  given: { readonly options?: Partial<GitRepoOptions>; readonly outside?: Overrides } = {},
): Promise<DependencyScene> => {
  const env = path.join(await temporaryFolder(t), 'env')
  makeVirtualenv(env)
  installWheel(env, demo('1.0'))
  const index = await serveIndex(t, [demo('1.0'), demo('2.0')])
  const options = {
    virtualenv: env,
    requirements,
    pip_environment_variables: { PIP_INDEX_URL: index.url, PIP_RETRIES: '0', PIP_TIMEOUT: '2' },
    ...given.options,
  }
  let old = ''
  const prepare = (app: string, upstream: Scene['upstream']): void => {
    old = commit(upstream.seed, 'old', from)
    commit(upstream.seed, 'new', to)
    upstream.publish()
    git(app, 'pull', '-q')
    git(app, 'reset', '-q', '--hard', old)
  }
  const at = await scene(t, prepare, given.outside, options)
  const hold = path.join(at.folder, '.moonkeeper/app')
  return {
    ...at,
    index,
    env,
    old,
    publish: async (files) => {
      const made = commit(at.upstream.seed, 'newer', files)
      at.upstream.publish()
      await at.bench.engine.refresh('app')
      return made
    },
    says: (name) => runScript(env, name),
    head: () => git(at.app, 'rev-parse', 'HEAD'),
    messages: () => at.bench.lines.map(({ message }) => message),
    held: () => (existsSync(hold) ? readdirSync(hold).sort() : []),
  }
}
