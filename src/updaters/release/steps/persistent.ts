import path from 'node:path'
import type { Step } from '../../contract.js'
import type { Place } from '../place.js'
import type { Target } from '../state.js'

/** Where what a release brings for itself under the name of a persistent file is put meanwhile. */
const asideIn = ({ hold }: Place, { stamp }: Target): string => path.join(hold, `aside-${stamp}`)

/**
 * Moves the user's own files and folders to the other version: a rename each, so that they are always in one of the
 * two. What the release brings under their name goes aside.
 */
export const movePersistentStep = (place: Place, target: Target, other: string): Step => {
  const { files } = place.outside
  const here = place.options.path
  const aside = asideIn(place, target)
  const move = async (name: string, from: string, to: string): Promise<void> => {
    await files.makeFolder(path.dirname(path.join(to, name)))
    await files.rename(path.join(from, name), path.join(to, name))
  }
  const isIn = async (folder: string, name: string): Promise<boolean> =>
    (await files.stat(path.join(folder, name))) !== null
  return {
    name: 'move persistent files',
    async run() {
      for (const name of target.persistent) {
        if (!(await isIn(here, name))) continue
        if (await isIn(other, name)) await move(name, other, aside)
        await move(name, here, other)
      }
    },
    async undo() {
      for (const name of target.persistent.toReversed()) {
        if (!(await isIn(here, name)) && (await isIn(other, name))) await move(name, other, here)
        if (await isIn(aside, name)) await move(name, aside, other)
      }
      await files.remove(aside)
    },
  }
}

export const dropAsideStep = (place: Place, target: Target): Step => ({
  name: 'drop what was put aside',
  run: () => place.outside.files.remove(asideIn(place, target)),
})
