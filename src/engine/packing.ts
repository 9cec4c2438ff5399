import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import type { ImagePart } from '../images/build.js'
import type { Files } from '../system/files.js'
import type { Application } from './application.js'
import type { Fleet } from './fleet.js'

export interface Packing {
  /** Each has a folder of its own in it. */
  readonly folder: string
  readonly files: Pick<Files, 'makeFolder'>
  readonly signal: AbortSignal
}

/** @throws unknown_application, bad_argument */
const chosen = (fleet: Fleet, names: readonly string[] | null): readonly Application[] => {
  if (names === null) return fleet.all.filter(({ updater }) => updater.pack !== undefined)
  if (names.length > 0 && new Set(names).size === names.length) return names.map((name) => fleet.find(name))
  throw new MoonkeeperError('bad_argument', "Argument 'names' is empty, or names an application twice")
}

const packOne = async (
  { name, updater }: Application,
  index: number,
  { folder, files, signal }: Packing,
): Promise<ImagePart> => {
  if (updater.pack === undefined)
    throw new MoonkeeperError(
      'not_supported',
      `${name} cannot be put into an image: it is of a type that none has`,
    )
  const own = path.join(folder, String(index))
  await files.makeFolder(own)
  return updater.pack(own, { signal, progress: () => undefined })
}

/** Puts installed applications into files, each in its turn: nobody changes it meanwhile. */
export const packAll = async (
  fleet: Fleet,
  names: readonly string[] | null,
  packing: Packing,
): Promise<readonly ImagePart[]> => {
  const parts: ImagePart[] = []
  for (const [index, application] of chosen(fleet, names).entries())
    parts.push(await application.turn.run(() => packOne(application, index, packing), packing.signal))
  return parts
}
