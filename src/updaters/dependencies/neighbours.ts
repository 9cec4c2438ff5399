import { readRequirements } from '../../dependencies/requirements.js'
import { folderTree } from '../../dependencies/source-tree.js'
import { listDistributions, normalName } from '../../python/distributions.js'
import { realFolder } from '../../python/kept-virtualenv.js'
import { readVirtualenv } from '../../python/virtualenv.js'
import type { Neighbour, UpdaterSurroundings } from '../contract.js'

type Outside = Pick<UpdaterSurroundings, 'commands' | 'files' | 'neighbours'>

const installedIn = async (folder: string, outside: Outside): Promise<ReadonlyMap<string, string>> => {
  const packages = (await readVirtualenv(folder, outside))?.sitePackages ?? null
  const found = packages === null ? [] : await listDistributions(packages, outside.files)
  return new Map(found.map(({ name, version }) => [normalName(name), version]))
}

const sharing = async (folder: string, outside: Outside): Promise<readonly Neighbour[]> => {
  const found: Neighbour[] = []
  for (const one of outside.neighbours ?? []) {
    const own = one.virtualenv === undefined ? null : await realFolder(one.virtualenv, outside)
    if (own === folder) found.push(one)
  }
  return found
}

/** What an application asks for by name. */
const wantedBy = async (one: Neighbour, { files }: Outside): Promise<readonly string[]> => {
  if (one.project !== undefined) return [normalName(one.project)]
  if (one.path === undefined || one.requirements === undefined) return []
  const { wanted } = await readRequirements(folderTree(one.path, files), one.requirements)
  return wanted.flatMap(({ name }) => (name === null ? [] : [normalName(name)]))
}

/**
 * True when others that have the same virtualenv would miss something in the kept one: what they ask for is not in it, or
 * in another version than now. Then it must not come back whole.
 * @param folder the virtualenv, symlinks followed
 * @param kept where the one lies that would take its place
 */
export const isMissedByNeighbours = async (
  folder: string,
  kept: string,
  outside: Outside,
): Promise<boolean> => {
  const others = await sharing(folder, outside)
  if (others.length === 0) return false
  const [here, there] = [await installedIn(folder, outside), await installedIn(kept, outside)]
  for (const one of others) {
    const names = await wantedBy(one, outside)
    if (names.some((name) => here.has(name) && here.get(name) !== there.get(name))) return true
  }
  return false
}
