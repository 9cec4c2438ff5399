import { renameSync } from 'node:fs'
import { systemFiles, type Files } from '../../src/system/files.js'
import type { CommandResult, Commands } from '../../src/system/commands.js'

export type Blow =
  /** Once, before the disk is changed. */
  | 'fails'
  /** Once, when it is changed. */
  | 'fails late'
  /** Nothing changes the disk from here on, as if the process were gone. */
  | 'dies'

/** Files and commands that are struck at the nth change of the disk (from 1; 0: never). */
export interface Mortal {
  readonly files: Files
  readonly commands: Commands
  /** Counts from here on. */
  arm(at: number, blow: Blow): void
  /** Changes since it was armed. */
  readonly count: () => number
}

const blowError = (what: string): Error =>
  Object.assign(new Error(`EIO: ${what} was struck`), { code: 'EIO', path: what })

const changes = [
  ...['writeText', 'writeBytes', 'remove', 'rename', 'setMode', 'syncFolder', 'copyEntry', 'makeFolder'],
  ...['removeEmptyFolders', 'append', 'truncate'],
] as readonly (keyof Files)[]

/** What `mv --exchange` of coreutils 9.5 does, in one turn of the event loop. */
const exchange = (one: string, other: string): void => {
  const between = `${other}.between`
  renameSync(one, between)
  renameSync(other, one)
  renameSync(between, other)
}

const done: CommandResult = { code: 0, stdout: Buffer.alloc(0), stderr: '', ended: null }
const unknownOption: CommandResult = { ...done, code: 1, stderr: "mv: unrecognized option '--exchange'\n" }

/** @param canExchange whether `mv` knows --exchange; it is told so, whatever the machine's own does */
export const createMortal = (canExchange: boolean): Mortal => {
  let point = 0
  let count = 0
  let blow: Blow = 'fails'
  let armed = false
  let dead = false
  const strike = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    if (dead) throw blowError(what)
    if (!armed) return work()
    count += 1
    if (count !== point) return work()
    dead = blow === 'dies'
    if (blow !== 'fails late') throw blowError(what)
    await work()
    throw blowError(what)
  }
  const files = { ...systemFiles }
  for (const name of changes) {
    const original = systemFiles[name].bind(systemFiles) as (...args: readonly unknown[]) => Promise<unknown>
    const struck = (...args: readonly unknown[]): Promise<unknown> =>
      strike(`${name} ${String(args[0])}`, () => original(...args))
    Object.assign(files, { [name]: struck })
  }
  const commands: Commands = {
    run: (argv) =>
      strike(argv.join(' '), async () => {
        if (!canExchange) return unknownOption
        exchange(argv.at(-2) ?? '', argv.at(-1) ?? '')
        return done
      }),
  }
  const arm = (at: number, how: Blow): void => {
    point = at
    blow = how
    count = 0
    armed = true
  }
  return { files, commands, arm, count: () => count }
}
