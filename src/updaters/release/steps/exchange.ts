import path from 'node:path'
import { exchangeAtOnce } from '../../../system/exchange.js'
import type { Step } from '../../contract.js'
import type { Place } from '../place.js'
import type { Target } from '../state.js'

/** Where the version that is left is kept. */
export const keptFolder = ({ hold }: Place, { stamp }: Pick<Target, 'stamp'>): string =>
  path.join(hold, `kept-${stamp}`)

/**
 * The other version takes the place of the installed one, which is kept. Told apart by their inodes, which no rename
 * changes: whatever was interrupted, it is seen what lies where.
 * @param other the folder of the version to go to
 */
export const exchangeStep = (place: Place, target: Target, other: string): Step => {
  const { files } = place.outside
  const here = place.options.path
  const kept = keptFolder(place, target)
  /** The new version, while the old one comes back from its place. */
  const between = `${other}-new`
  const isOld = async (folder: string): Promise<boolean> => (await files.stat(folder))?.ino === target.inode
  const isThere = async (folder: string): Promise<boolean> => (await files.stat(folder)) !== null

  const bringBack = async (): Promise<void> => {
    if (await isOld(kept)) {
      if (await isThere(here)) await files.rename(here, other)
      return files.rename(kept, here)
    }
    if (!(await isOld(other))) throw new Error(`the old version is neither in ${here} nor in ${kept}`)
    if (await isThere(here)) await exchangeAtOnce(place.outside, here, other)
    if (await isOld(here)) return
    if (await isThere(here)) await files.rename(here, between)
    await files.rename(other, here)
  }

  return {
    name: 'exchange',
    async run() {
      await exchangeAtOnce(place.outside, here, other)
      if (await isOld(other)) return files.rename(other, kept)
      await files.rename(here, kept)
      await files.rename(other, here)
    },
    async undo() {
      if (!(await isOld(here))) await bringBack()
      if (await isThere(between)) await files.rename(between, other)
    },
  }
}
