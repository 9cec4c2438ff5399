import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import type { Files } from './files.js'

/** When a process began, in clock ticks since boot: with its id it names a process for good. null when it is gone. */
const startTime = async (pid: number): Promise<string | null> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; field 22 counts from the start of the line.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

/**
 * Makes sure that one daemon at a time works on a data folder.
 * @returns what gives the folder free again
 * @throws busy when another one lives there
 */
export const lockDataFolder = async (
  folder: string,
  pid: number,
  files: Files,
): Promise<() => Promise<void>> => {
  const file = path.join(folder, 'lock')
  const [holder = '', began = ''] = ((await files.readText(file)) ?? '').trim().split(' ')
  if (holder !== '' && Number(holder) !== pid && (await startTime(Number(holder))) === began) {
    throw new MoonkeeperError(
      'busy',
      `Another Moonkeeper (process ${holder}) serves ${folder}. Stop it first.`,
    )
  }
  await files.makeFolder(folder)
  await files.writeText(file, `${pid} ${(await startTime(pid)) ?? ''}\n`)
  return () => files.remove(file)
}
