import { readdir, readFile } from 'node:fs/promises'
import type { Clock } from './clock.js'

/** The variable in the environment of every command of ours. It is inherited, so grandchildren carry it too. */
export const survivorVariable = 'MOONKEEPER_DATA_FOLDER'

export interface Survivors {
  /**
   * Ends every process that an earlier life of this daemon started on this data folder and that still runs
   * (git goes on writing when its parent is killed), and waits until they are gone.
   * @returns the process ids that were ended
   */
  end(dataFolder: string): Promise<readonly number[]>
}

const carries = async (pid: number, marker: string): Promise<boolean> => {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8')
    return environment.split('\0').includes(marker)
  } catch {
    // It ended meanwhile, or belongs to another user: then it is not one of ours.
    return false
  }
}

const find = async (dataFolder: string, self: number): Promise<readonly number[]> => {
  const names = await readdir('/proc').catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const marker = `${survivorVariable}=${dataFolder}`
  const found = await Promise.all(
    pids.map(async (pid) => (pid !== self && (await carries(pid, marker)) ? pid : null)),
  )
  return found.filter((pid) => pid !== null)
}

/** Looks through /proc, which every Linux has. */
export const createSurvivors = (
  self: number,
  kill: (pid: number, signal: 'SIGKILL') => void,
  clock: Clock,
): Survivors => ({
  async end(dataFolder) {
    const ended = new Set<number>()
    for (let round = 0; round < 200; round += 1) {
      const alive = await find(dataFolder, self)
      if (alive.length === 0) break
      for (const pid of alive) {
        ended.add(pid)
        try {
          kill(pid, 'SIGKILL')
        } catch {
          // It ended between the look and the signal.
        }
      }
      await clock.wait(20)
    }
    return [...ended]
  },
})
