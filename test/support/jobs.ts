import path from 'node:path'
import type { TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { plainChange, type Change } from '../../src/engine/change.js'
import type { CommandResult, Commands } from '../../src/system/commands.js'
import type { GitRepoOptions } from '../../src/updaters/git_repo/options.js'
import { latch, makeEngine, type Bench, type Overrides } from './engine.js'
import { temporaryFolder } from './folder.js'
import { checkoutAt, git, makeUpstream, type Upstream } from './repositories.js'
import { gitOptions, realCommands } from './surroundings.js'

export const kind =
  (expected: string): ((thrown: unknown) => boolean) =>
  (thrown) =>
    thrown instanceof MoonkeeperError && thrown.kind === expected

export interface Machine {
  readonly folder: string
  readonly upstream: Upstream
  readonly options: Readonly<Record<string, GitRepoOptions>>
  version(name: string): string
  /** A daemon on it; a second one is the next start. */
  begin(overrides?: Overrides): Promise<Bench>
}

/** Checkouts at v1.0.0, three commits behind; each restarts the service of its name. */
export const machine = async (t: TestContext, ...names: string[]): Promise<Machine> => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const options = Object.fromEntries(
    names.map((name) => {
      const app = checkoutAt(upstream, path.join(folder, name), 'v1.0.0')
      return [name, gitOptions(app, upstream.url, { managed_services: [name] })]
    }),
  )
  return {
    folder,
    upstream,
    options,
    version: (name) => git(path.join(folder, name), 'describe', '--tags'),
    begin: async (overrides = {}) => {
      const bench = await makeEngine(folder, options, overrides)
      t.after(() => bench.engine.stop())
      return bench
    },
  }
}

export const upgradeOf = (name: string, more: Partial<Change> = {}): Change => ({
  ...plainChange('upgrade', [name], 'somebody'),
  ...more,
})

/** Real commands, of which the next with such a word stands still until it is released, or stopped. */
export interface HeldCommands {
  readonly commands: Commands
  readonly hold: (word: string) => { readonly reached: Promise<void>; readonly release: () => void }
}

const stopped: CommandResult = { code: null, stdout: Buffer.alloc(0), stderr: '', ended: 'aborted' }

export const heldCommands = async (): Promise<HeldCommands> => {
  const commands = await realCommands()
  let held: { word: string; reach: () => void; released: Promise<void> } | null = null
  return {
    commands: {
      run: async (argv, options) => {
        if (held === null || !argv.includes(held.word)) return commands.run(argv, options)
        const { reach, released } = held
        held = null
        const aborted = new Promise<true>((resolve) => {
          if (options?.signal?.aborted === true) resolve(true)
          options?.signal?.addEventListener('abort', () => resolve(true), { once: true })
        })
        reach()
        const ended = await Promise.race([released, aborted])
        return ended === true ? stopped : commands.run(argv, options)
      },
    },
    hold: (word) => {
      const reached = latch()
      const released = latch()
      held = { word, reach: reached.open, released: released.opened }
      return { reached: reached.opened, release: released.open }
    },
  }
}
