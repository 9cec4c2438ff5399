import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { FileChange } from '../../src/roots/file-change.js'
import type { GateSetup } from '../../src/roots/gate.js'
import { FileRoots } from '../../src/roots/file-roots.js'
import { createStaging } from '../../src/system/staged-file.js'
import { temporaryFolder } from './folder.js'

export interface RootsBench {
  readonly folder: string
  readonly config: string
  readonly logs: string
  /** Of an application that is managed. */
  readonly application: string
  /** Out of everyone's reach, with a file `secret` in it. */
  readonly outside: string
  readonly staging: string
  readonly gate: GateSetup
  readonly files: FileRoots
  readonly changes: FileChange[]
}

export interface RootsOptions {
  readonly writable?: boolean
  readonly largestUpload?: number
  readonly reserved?: readonly string[]
  /** Told of changes, besides those who ask for them. */
  readonly changed?: (change: FileChange) => Promise<void>
  /** On another file system, say. */
  readonly staging?: string
}

/** A printer's folders: `config` with printer.cfg and a folder, `logs` with a log, moonkeeper.conf and secrets. */
export const makeRoots = async (
  t: Pick<TestContext, 'after'>,
  options: RootsOptions = {},
): Promise<RootsBench> => {
  const folder = realpathSync(await temporaryFolder(t))
  const at = (name: string): string => path.join(folder, name)
  for (const name of ['config/macros', 'logs', 'application', 'outside'])
    mkdirSync(at(name), { recursive: true })
  writeFileSync(at('config/printer.cfg'), 'printer\n')
  writeFileSync(at('config/macros/start.cfg'), 'start\n')
  writeFileSync(at('config/moonkeeper.conf'), 'health_command: true\n')
  writeFileSync(at('config/moonraker.secrets'), 'token\n')
  writeFileSync(at('logs/klippy.log'), 'line 1\nline 2\n')
  writeFileSync(at('application/client.cfg'), 'client\n')
  writeFileSync(at('outside/secret'), 'secret\n')
  const staging = options.staging ?? at('staging')
  const store = createStaging(staging)
  await store.clear()
  const changes: FileChange[] = []
  const reserved = ['config/moonkeeper.conf', 'config/moonraker.secrets', ...(options.reserved ?? [])]
  const gate: GateSetup = {
    reserved: () => reserved.map((name) => ({ name: path.basename(name), path: at(name) })),
    managed: () => [at('application')],
  }
  const files = new FileRoots({
    roots: () => [
      { name: 'config', path: at('config'), writable: options.writable ?? true },
      { name: 'logs', path: at('logs'), writable: false },
    ],
    gate,
    staging: store,
    changed: (change) => {
      changes.push(change)
      return options.changed?.(change)
    },
    logs: { 'klippy.log': () => [at('logs/klippy.log')], 'moonraker.log': () => [at('logs/none.log')] },
    now: () => new Date(2026, 0, 2, 3, 4, 5).getTime(),
    largestUpload: () => options.largestUpload ?? 1024 * 1024,
  })
  return {
    folder,
    config: at('config'),
    logs: at('logs'),
    application: at('application'),
    outside: at('outside'),
    staging,
    gate,
    files,
    changes,
  }
}
