import path from 'node:path'
import type { Step } from '../../contract.js'
import type { Place } from '../place.js'
import type { Target } from '../state.js'
import { keptFolder } from './exchange.js'

const info = 'release_info.json'

/** The program and what tells its version are kept as they are. */
export const keepProgramStep = (place: Place, target: Target, program: string): Step => {
  const { files } = place.outside
  const kept = keptFolder(place, target)
  return {
    name: 'keep program',
    async run() {
      for (const [from, to] of [
        [program, 'program'],
        [info, info],
      ] as const)
        await files.copyEntry(path.join(place.options.path, from), path.join(kept, to))
    },
    undo: () => files.remove(kept),
  }
}

/** The text of release_info.json, with another version. */
const withVersion = (text: string | null, version: string): string => {
  const known: unknown = JSON.parse(text ?? '{}')
  return JSON.stringify({ ...(known as object), version })
}

/**
 * The other program takes the place of the installed one, by one rename.
 * @param other the folder that has it, and release_info.json where it was kept
 */
export const replaceProgramStep = (place: Place, target: Target, program: string, other: string): Step => {
  const { files } = place.outside
  const kept = keptFolder(place, target)
  const here = (name: string): string => path.join(place.options.path, name)
  return {
    name: 'replace program',
    async run() {
      await files.copyEntry(path.join(other, 'program'), here(program))
      const text = await files.readText(here(info))
      await files.writeText(here(info), withVersion(text, target.version))
    },
    async undo() {
      if ((await files.stat(path.join(kept, info))) === null) return
      await files.copyEntry(path.join(kept, 'program'), here(program))
      await files.copyEntry(path.join(kept, info), here(info))
    },
  }
}
