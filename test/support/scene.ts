import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { UpdaterSurroundings } from '../../src/updaters/contract.js'
import { makeEngine, type Bench } from './engine.js'
import { temporaryFolder } from './folder.js'
import { checkoutAt, git, makeUpstream, type Upstream } from './repositories.js'
import { gitOptions } from './surroundings.js'

export interface Scene {
  readonly bench: Bench
  readonly upstream: Upstream
  readonly app: string
  readonly folder: string
}

/** An engine that manages one checkout at v1.0.0, three commits behind. */
export const scene = async (
  t: TestContext,
  prepare: (app: string, upstream: Upstream) => void = () => {},
  outside: Partial<Omit<UpdaterSurroundings, 'services'>> = {},
): Promise<Scene> => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const app = checkoutAt(upstream, path.join(folder, 'app'), 'v1.0.0')
  prepare(app, upstream)
  const bench = await makeEngine(folder, { app: gitOptions(app, upstream.url) }, outside)
  t.after(() => bench.engine.stop())
  return { bench, upstream, app, folder }
}

export const nothingUnderWay = ({ bench, folder }: Scene): void => {
  assert.equal(existsSync(path.join(bench.dataFolder, 'journal.json')), false)
  assert.equal(existsSync(path.join(bench.dataFolder, 'work')), false)
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('.app')),
    [],
  )
}

export const tip = ({ upstream }: Scene): string => git(upstream.seed, 'rev-parse', 'master')

/** Everything that is kept of the user's work, by file name. */
export const kept = ({ bench }: Scene): readonly string[] => {
  const folder = path.join(bench.dataFolder, 'edits/app')
  return existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : []
}
