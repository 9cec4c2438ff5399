import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import { inside, isSamePlace, namesIn, openPinned, whilePinned, type Pinned } from '../system/pinned.js'
import type { StagedFile } from '../system/staged-file.js'
import { Gate, isUnfinished, type GateSetup } from './gate.js'
import { chunksOf } from './reading.js'
import type { Place } from './request-path.js'
import { ZipWriter } from './zip-writer.js'

/** Its content as it was when it was pinned: what is added to it meanwhile is not waited for. */
async function* contentOf(pinned: Pinned): AsyncGenerator<Buffer, void, undefined> {
  const opened = await openPinned(pinned)
  try {
    yield* chunksOf(opened, 0, pinned.stats.size)
  } finally {
    await opened.close()
  }
}

/** Packs files, each once. compat: the name of the root stands before each. */
class Packing {
  private readonly packed: Pinned['stats'][] = []

  constructor(private readonly zip: ZipWriter) {}

  async add(place: Place, gate: Gate): Promise<void> {
    const found = await whilePinned(place.path, async (pinned) => {
      gate.refuseReading(pinned.realPath)
      if (pinned.stats.isFile()) await this.file(pinned, place)
      else if (pinned.stats.isDirectory()) await this.filesIn(pinned, place, gate)
      else throw new MoonkeeperError('bad_argument', `${place.relative} is not a valid file or directory`)
      return true
    })
    if (found === null)
      throw new MoonkeeperError(
        'bad_argument',
        `No file/directory exits at '${place.root.name}/${place.relative}'`,
      )
  }

  /** compat: folders in it are not packed. */
  private async filesIn(folder: Pinned, place: Place, gate: Gate): Promise<void> {
    for (const name of await namesIn(folder)) {
      if (isUnfinished(name)) continue
      await whilePinned(inside(folder, name), async (pinned) => {
        if (!pinned.stats.isFile() || gate.permissions(pinned.realPath, false) === '') return
        await this.file(pinned, { ...place, relative: path.posix.join(place.relative, name) })
      })
    }
  }

  private async file(pinned: Pinned, { root, relative }: Place): Promise<void> {
    const { stats } = pinned
    if (this.packed.some((one) => isSamePlace(one, stats))) return
    this.packed.push(stats)
    await this.zip.add({
      name: `${path.basename(root.path)}/${relative}`,
      modified: stats.mtimeMs,
      mode: stats.mode,
      content: contentOf(pinned),
    })
  }
}

/** @throws bad_argument, forbidden, too_large, no_space */
export const packFiles = async (
  places: readonly Place[],
  setup: GateSetup,
  into: StagedFile,
  storeOnly: boolean,
): Promise<void> => {
  const zip = new ZipWriter((bytes) => into.write(bytes), storeOnly)
  const packing = new Packing(zip)
  for (const place of places) await packing.add(place, await Gate.to(place.root, setup))
  await zip.finish()
}
