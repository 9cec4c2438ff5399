import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import { inside, namesIn, spaceOf, whilePinned, type Pinned, type Space } from '../system/pinned.js'
import { find, type FileInfo } from './file-info.js'
import { isUnfinished, type Gate } from './gate.js'
import type { Place } from './request-path.js'

export interface Directory {
  readonly dirs: readonly (FileInfo & { readonly dirname: string })[]
  readonly files: readonly (FileInfo & { readonly filename: string })[]
  readonly disk_usage: Space
  readonly root_info: { readonly name: string; readonly permissions: string }
}

export type ListedFile = FileInfo & { readonly path: string }

/** More than this is no configuration, and no front end shows it. */
const mostFiles = 20_000
const deepest = 32

const noDirectory = ({ path: at }: Place): MoonkeeperError =>
  new MoonkeeperError('bad_argument', `Directory does not exist (${at})`)

const listFolder = async (folder: Pinned, place: Place, gate: Gate): Promise<Directory> => {
  if (!folder.stats.isDirectory()) throw noDirectory(place)
  gate.refuseReading(folder.realPath)
  const dirs: Directory['dirs'][number][] = []
  const files: Directory['files'][number][] = []
  for (const name of await namesIn(folder)) {
    const found = isUnfinished(name) ? null : await find(inside(folder, name), gate)
    if (found === null) continue
    if (found.stats.isDirectory()) dirs.push({ ...found.info, dirname: name })
    // A symlink out of the root shows as a file: there is nothing in it to be seen.
    else if (found.stats.isFile() || found.realPath === null) files.push({ ...found.info, filename: name })
  }
  const { name, writable } = place.root
  const root_info = { name, permissions: writable ? 'rw' : 'r' }
  return { dirs, files, disk_usage: await spaceOf(folder), root_info }
}

/** What is in a folder. @throws bad_argument, forbidden */
export const listDirectory = async (place: Place, gate: Gate): Promise<Directory> => {
  const listed = await whilePinned(place.path, (folder) => listFolder(folder, place, gate))
  if (listed === null) throw noDirectory(place)
  return listed
}

/** Goes through every folder once, also where symlinks lead in circles. */
class Walk {
  readonly files: ListedFile[] = []
  private readonly visited = new Set<string>()

  constructor(private readonly gate: Gate) {}

  async into(target: string, relative: string, depth = 0): Promise<void> {
    await whilePinned(target, async (folder) => {
      const { dev, ino } = folder.stats
      const known = this.visited.has(`${dev}:${ino}`)
      if (known || depth > deepest || !this.mayEnter(folder)) return
      this.visited.add(`${dev}:${ino}`)
      for (const name of await namesIn(folder)) await this.see(folder, name, path.join(relative, name), depth)
    })
  }

  private async see(folder: Pinned, name: string, relative: string, depth: number): Promise<void> {
    const found = isUnfinished(name) ? null : await find(inside(folder, name), this.gate)
    if (found === null) return
    if (found.stats.isDirectory()) return this.into(inside(folder, name), relative, depth + 1)
    if (!found.stats.isFile()) return
    if (this.files.length >= mostFiles)
      throw new MoonkeeperError('too_large', `There are more than ${mostFiles} files: list a folder of them`)
    this.files.push({ path: relative, ...found.info })
  }

  private mayEnter({ stats, realPath }: Pinned): boolean {
    return stats.isDirectory() && this.gate.permissions(realPath, false) !== ''
  }
}

const byName = (a: ListedFile, b: ListedFile): number => {
  const [one, other] = [a.path.toLowerCase(), b.path.toLowerCase()]
  if (one === other) return 0
  return one < other ? -1 : 1
}

/** Every file in a root, in the order of the names without case. @throws too_large */
export const listFiles = async (rootPath: string, gate: Gate): Promise<readonly ListedFile[]> => {
  const walk = new Walk(gate)
  await walk.into(rootPath, '')
  return walk.files.sort(byName)
}
