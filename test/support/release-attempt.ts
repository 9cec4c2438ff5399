/*
 * A process of its own for what only a process can have: another user, its own mounts.
 * usage: node release-attempt.js FOLDER FORGE_URL [plan]     prints what came of it as JSON
 */
import path from 'node:path'
import { createGitHub } from '../../src/releases/github.js'
import { createDownloads } from '../../src/system/download.js'
import { systemFiles } from '../../src/system/files.js'
import { systemHttp } from '../../src/system/http.js'
import { asMoonkeeperError } from '../../src/contract/error.js'
import type { ReleaseStatus } from '../../src/contract/generated/types.js'
import { makeEngine } from './engine.js'
import { quickClock } from './quick-clock.js'
import { webOptions } from './release-scene.js'
import { silentLog } from './surroundings.js'

const [folder = '', apiUrl = '', what = 'upgrade'] = process.argv.slice(2)
const clock = quickClock(Date.now())
const dataFolder = path.join(folder, 'data/moonkeeper')
const setup = { http: systemHttp, files: systemFiles, clock, log: silentLog, dataFolder, env: {} }
const bench = await makeEngine(
  path.join(folder, 'own'),
  { app: webOptions(path.join(folder, 'where/app'), { persistent_files: ['keep'] }) },
  {
    clock,
    forge: createGitHub({ ...setup, apiUrl }),
    downloads: createDownloads({ http: systemHttp, files: systemFiles, clock }),
  },
)
const question = { names: ['app'], goal: 'upgrade', version: null, hard: false, check: 'all' } as const
const outcome = await (what === 'plan' ? bench.engine.plan(question) : bench.engine.upgrade('app')).then(
  () => null,
  (thrown: unknown) => asMoonkeeperError(thrown),
)
const { version, is_valid, warnings } = bench.engine.status().value.version_info['app'] as ReleaseStatus
process.stdout.write(
  JSON.stringify({
    kind: outcome?.kind ?? null,
    message: outcome?.message ?? '',
    version,
    is_valid,
    warnings,
  }),
)
await bench.engine.stop()
