import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { ReleaseStatus } from '../../src/contract/generated/types.js'
import { createGitHub } from '../../src/releases/github.js'
import { createDownloads } from '../../src/system/download.js'
import { systemFiles } from '../../src/system/files.js'
import { systemHttp } from '../../src/system/http.js'
import type { UpdaterSurroundings } from '../../src/updaters/contract.js'
import { makeEngine, type Bench, type Overrides, type ReleaseSettings } from './engine.js'
import { temporaryFolder } from './folder.js'
import { archiveOf, serveForge, type Content, type Forge, type TestRelease } from './forge.js'
import { quickClock } from './quick-clock.js'
import { snapshot } from './snapshot.js'
import { silentLog } from './surroundings.js'
import { writeTree } from './tree.js'

export { writeTree }

export const project = 'owner/app'

export const webOptions = (at: string, overrides: Partial<ReleaseSettings> = {}): ReleaseSettings => ({
  type: 'web',
  path: at,
  repo: project,
  channel: 'stable',
  report_anomalies: true,
  info_tags: [],
  ...overrides,
})

/** A release whose one asset is an archive. */
export const releaseOf = (
  tag: string,
  more: Partial<TestRelease> & { content?: Content } = {},
): TestRelease => {
  const { content, ...rest } = more
  return { tag, assets: { 'app.zip': archiveOf(project, tag, content) }, ...rest }
}

const infoOf = (version: string, more: object = {}): string =>
  JSON.stringify({ project_name: 'app', project_owner: 'owner', version, ...more })

/** Version v1 as it was installed by hand. */
export const installWeb = (at: string, version = 'v1.0.0'): void => {
  writeTree(at, {
    'index.html': `<html>${version}</html>`,
    'stale.txt': 'of the old version\n',
    'release_info.json': infoOf(version),
  })
}

export const script = (version: string): string => `#!/bin/sh\necho ${version}\n`

export const installProgram = (at: string, version = 'v1.0.0'): void => {
  writeTree(at, { tool: script(version), 'release_info.json': infoOf(version, { asset_name: 'tool' }) })
  chmodSync(path.join(at, 'tool'), 0o750)
}

/** What the outside of an updater is when releases come from this forge. Nothing waits for long. */
export const forgeSurroundings = (
  folder: string,
  forge: Forge,
): Partial<Omit<UpdaterSurroundings, 'services'>> => {
  const clock = quickClock(Date.now())
  const dataFolder = path.join(folder, 'data', 'moonkeeper')
  const env = {}
  const setup = { http: systemHttp, files: systemFiles, clock, log: silentLog, dataFolder, env }
  return {
    clock,
    forge: createGitHub({ ...setup, apiUrl: forge.url }),
    downloads: createDownloads({ http: systemHttp, files: systemFiles, clock }),
  }
}

export interface ReleaseScene {
  readonly bench: Bench
  readonly forge: Forge
  readonly folder: string
  readonly app: string
  readonly hold: string
  readonly options: ReleaseSettings
  status(): ReleaseStatus
  /** All that lies in the application's folder. */
  tree(): Readonly<Record<string, string>>
  /** What lies in the hold folder. */
  held(): readonly string[]
  messages(): readonly string[]
}

export interface SceneOptions {
  readonly releases?: readonly TestRelease[]
  readonly options?: Partial<ReleaseSettings> | ((app: string) => Partial<ReleaseSettings>)
  /** Makes the install. Default: a front end at v1.0.0. */
  readonly install?: (app: string) => void
  readonly overrides?: Overrides
}

/** An engine that manages one application at v1.0.0, whose forge has v2.0.0. */
export const releaseScene = async (t: TestContext, given: SceneOptions = {}): Promise<ReleaseScene> => {
  const folder = await temporaryFolder(t)
  const app = path.join(folder, 'app')
  mkdirSync(app)
  const own = typeof given.options === 'function' ? given.options(app) : given.options
  const isProgram = own?.type === 'executable'
  const install = given.install ?? (isProgram ? installProgram : installWeb)
  install(app)
  const program = [{ tag: 'v2.0.0', assets: { tool: script('v2.0.0') } }]
  const forge = await serveForge(t, project, given.releases ?? (isProgram ? program : [releaseOf('v2.0.0')]))
  const options = webOptions(app, own)
  const outside = { ...forgeSurroundings(folder, forge), ...given.overrides }
  const bench = await makeEngine(folder, { app: options }, outside)
  t.after(() => bench.engine.stop())
  const hold = path.join(folder, '.moonkeeper/app')
  const part = path.join(hold, 'download.part')
  forge.received = () => statSync(part, { throwIfNoEntry: false })?.size ?? 0
  return {
    bench,
    forge,
    folder,
    app,
    hold,
    options,
    status: () => bench.engine.status().value.version_info['app'] as ReleaseStatus,
    tree: () => snapshot(app),
    held: () => (existsSync(hold) ? readdirSync(hold).sort() : []),
    messages: () => bench.lines.map(({ message }) => message),
  }
}
