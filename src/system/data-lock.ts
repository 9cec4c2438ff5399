import { link, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import type { Files } from './files.js'

/** States of a process that does nothing any more; a killed one that nobody waits for stays a zombie. */
const ended = ['Z', 'X', 'x']

/** When a process began, in clock ticks since boot: with its id it names a process for good. null when it has ended. */
const startTime = async (pid: number): Promise<string | null> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; fields 3 and 22 count from the start of the line.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return ended.includes(fields[0] ?? '') ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}

/** What names a process in a lock. */
const identityOf = async (pid: number): Promise<string> => `${pid} ${(await startTime(pid)) ?? ''}`

const lives = async (identity: string): Promise<boolean> => {
  const pid = Number(identity.split(' ')[0])
  return Number.isInteger(pid) && pid > 0 && (await identityOf(pid)) === identity
}

const holderOf = async (file: string, files: Files): Promise<string | null> => {
  const target = await readlink(file).catch(() => null)
  return target ?? (await files.readText(file))?.trim() ?? null
}

/** A full disk has no block left, and who is to make room on it must get in: there a symlink tells it, which lies in the folder. */
const write = async (file: string, identity: string): Promise<void> => {
  try {
    await writeFile(file, `${identity}\n`)
  } catch (thrown) {
    await rm(file, { force: true })
    if (!['ENOSPC', 'EDQUOT'].includes((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown
    await symlink(identity, file)
  }
}

/** Makes the lock with its text in it, in one step. @returns false when there is one already */
const create = async (file: string, identity: string): Promise<boolean> => {
  const own = `${file}.${identity.replace(' ', '-')}.new`
  await write(own, identity)
  try {
    await link(own, file)
    return true
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw thrown
  } finally {
    await rm(own, { force: true })
  }
}

const removeOwn = async (file: string, identity: string, files: Files): Promise<void> => {
  if ((await holderOf(file, files)) === identity) await rm(file, { force: true })
}

/**
 * Puts our lock where a dead one's is. Who does that needs a claim, a lock whose name names the dead: as long as one
 * holds it nobody else changes a lock of that dead, so what was read under the claim is what is replaced.
 * @returns null when the lock is ours; the process that claims it; 'changed' when it is not that dead one's any more
 */
const takeOver = async (
  file: string,
  dead: string,
  identity: string,
  files: Files,
): Promise<string | null> => {
  const claim = `${file}.${dead.replace(/\W+/g, '-').slice(0, 40)}.claim`
  const claimant = await acquire(claim, identity, files)
  if (claimant !== null) return claimant
  try {
    if ((await holderOf(file, files)) !== dead) return 'changed'
    const own = `${file}.${identity.replace(' ', '-')}.new`
    await write(own, identity)
    await rename(own, file)
    return null
  } finally {
    await removeOwn(claim, identity, files)
  }
}

/** @returns null when the lock is ours, else the identity of the living process that has it */
const acquire = async (file: string, identity: string, files: Files): Promise<string | null> => {
  for (;;) {
    if (await create(file, identity)) return null
    const holder = await holderOf(file, files)
    if (holder === identity) return null
    if (holder === null) continue
    if (await lives(holder)) return holder
    const outcome = await takeOver(file, holder, identity, files)
    if (outcome !== 'changed') return outcome
  }
}

/**
 * Makes sure that one daemon at a time works on a data folder, also when several begin at once.
 * @returns what gives the folder free again; it leaves a lock alone that is not ours any more
 * @throws busy when another one lives there
 */
export const lockDataFolder = async (
  folder: string,
  pid: number,
  files: Files,
): Promise<() => Promise<void>> => {
  const file = path.join(folder, 'lock')
  const identity = await identityOf(pid)
  await files.makeFolder(folder)
  const holder = await acquire(file, identity, files)
  if (holder === null) return () => removeOwn(file, identity, files)
  throw new MoonkeeperError(
    'busy',
    `Another Moonkeeper (process ${holder.split(' ')[0]}) serves ${folder}. Stop it first.`,
  )
}
