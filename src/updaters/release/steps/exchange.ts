import path from 'node:path'
import type { Step } from '../../contract.js'
import type { Place } from '../place.js'
import type { Target } from '../state.js'

/** Where the version that is left is kept. */
export const keptFolder = ({ hold }: Place, { stamp }: Target): string => path.join(hold, `kept-${stamp}`)

/** Exchanges two names in one step where coreutils can (9.5 and later). @returns false when it cannot */
const exchangeAtOnce = async ({ outside }: Place, one: string, other: string): Promise<boolean> => {
  const argv = ['mv', '--exchange', '-T', '--', one, other] as const
  const result = await outside.commands.run(argv, { timeout: 30_000 }).catch(() => null)
  return result?.code === 0
}

/**
 * The other version takes the place of the installed one, which is kept. Told apart by their inodes, which no rename
 * changes: whatever was interrupted, it is seen what lies where.
 * @param other the folder of the version to go to
 */
export const exchangeStep = (place: Place, target: Target, other: string): Step => {
  const { files } = place.outside
  const here = place.options.path
  const kept = keptFolder(place, target)
  const isOld = async (folder: string): Promise<boolean> => (await files.stat(folder))?.ino === target.inode
  const syncBoth = async (): Promise<void> => {
    await files.syncFolder(path.dirname(here))
    await files.syncFolder(path.dirname(other))
  }
  return {
    name: 'exchange',
    async run() {
      if (await exchangeAtOnce(place, here, other)) {
        await syncBoth()
        await files.rename(other, kept)
        return
      }
      await files.rename(here, kept)
      await files.rename(other, here)
    },
    async undo() {
      if (await isOld(here)) return
      const old = (await isOld(kept)) ? kept : other
      if (!(await isOld(old))) throw new Error(`the old version is neither in ${here} nor in ${kept}`)
      // First the new one out of the way: it goes where it came from.
      if ((await files.stat(here)) !== null) {
        if (old === other && (await exchangeAtOnce(place, here, other))) return syncBoth()
        const free = old === other ? `${other}-new` : other
        await files.rename(here, free)
      }
      await files.rename(old, here)
      if ((await files.stat(`${other}-new`)) !== null) await files.rename(`${other}-new`, other)
    },
  }
}
