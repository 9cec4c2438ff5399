import type { ArchiveEntry } from './entry.js'
import { badArchive, shown } from './problem.js'

interface Folder {
  readonly kind: 'folder'
  readonly name: string
  /** null as long as no entry describes it. */
  mode: number | null
  /** By normalised name: what looks the same is the same. */
  readonly children: Map<string, Node>
}

interface Leaf {
  readonly kind: 'file' | 'symlink'
  readonly name: string
  readonly entry: ArchiveEntry
}

/** A way through the tree: where it is, and what lies ahead, the next part last. */
interface Way {
  readonly place: string[]
  readonly ahead: string[]
  links: number
}

type Node = Folder | Leaf

const defaultFolderMode = 0o755
/** As many as Linux follows. */
const maxLinks = 40

const newFolder = (name: string): Folder => ({ kind: 'folder', name, mode: null, children: new Map() })

/** What the folder will be when all entries are unpacked. Whatever does not fit together is refused here. */
export class ArchiveTree {
  private readonly root = newFolder('')
  private readonly targets = new Map<ArchiveEntry, string>()

  /** @throws bad_archive when it is there already, or below what is no folder */
  add(entry: ArchiveEntry): void {
    const last = entry.parts.at(-1)
    let folder = this.root
    for (const part of entry.kind === 'folder' ? entry.parts : entry.parts.slice(0, -1))
      folder = this.step(folder, part, entry)
    if (entry.kind === 'folder') {
      if (folder.mode !== null) throw badArchive(`${shown(entry.raw.name)} is in it twice`)
      folder.mode = entry.mode
    } else if (last !== undefined) this.addLeaf(folder, last, entry, entry.kind)
  }

  /** @param target what the link says @throws bad_archive when it cannot be one that stays inside */
  addTarget(entry: ArchiveEntry, target: string): void {
    if (/^$|^\/|[\u0000-\u001f\u007f\ufffd]/.test(target))
      throw badArchive(`the link ${shown(entry.raw.name)} leads out of the folder (${shown(target)})`)
    this.targets.set(entry, target)
  }

  /** Follows every link through all others. @throws bad_archive when one leaves the folder */
  checkLinks(): void {
    for (const [entry, target] of this.targets) {
      const problem = this.follow(entry.parts.slice(0, -1), target)
      if (problem !== null)
        throw badArchive(`the link ${shown(entry.raw.name)} ${problem} (${shown(target)})`)
    }
  }

  targetOf(entry: ArchiveEntry): string {
    const target = this.targets.get(entry)
    if (target === undefined) throw badArchive(`the link ${shown(entry.raw.name)} leads nowhere`)
    return target
  }

  /** Folders below the top one, parents first. */
  *folders(): Generator<{ readonly path: string; readonly mode: number }> {
    const waiting: { readonly path: string; readonly folder: Folder }[] = [{ path: '', folder: this.root }]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (next.path !== '') yield { path: next.path, mode: next.folder.mode ?? defaultFolderMode }
      for (const child of next.folder.children.values())
        if (child.kind === 'folder')
          waiting.push({ path: next.path === '' ? child.name : `${next.path}/${child.name}`, folder: child })
    }
  }

  private step(folder: Folder, part: string, entry: ArchiveEntry): Folder {
    const key = part.normalize('NFC')
    const found = folder.children.get(key) ?? newFolder(part)
    if (found.kind !== 'folder') {
      const what = found.kind === 'file' ? 'is below what is a file' : 'would be written through a link'
      throw badArchive(`${shown(entry.raw.name)} ${what}`)
    }
    if (found.name !== part) throw badArchive(`${shown(entry.raw.name)} is in it in two spellings`)
    folder.children.set(key, found)
    return found
  }

  private addLeaf(folder: Folder, name: string, entry: ArchiveEntry, kind: Leaf['kind']): void {
    const key = name.normalize('NFC')
    const found = folder.children.get(key)
    if (found !== undefined)
      throw badArchive(
        `${shown(entry.raw.name)} is in it ${found.kind === 'folder' ? 'as a folder too' : 'twice'}`,
      )
    folder.children.set(key, { kind, name, entry })
  }

  private nodeAt(parts: readonly string[]): Node | null {
    let node: Node = this.root
    for (const part of parts) {
      if (node.kind !== 'folder') return null
      const found: Node | undefined = node.children.get(part.normalize('NFC'))
      if (found === undefined) return null
      node = found
    }
    return node
  }

  /** @returns what is wrong with it, or null */
  private follow(from: readonly string[], target: string): string | null {
    const way: Way = { place: [...from], ahead: target.split('/').reverse(), links: 0 }
    for (let part = way.ahead.pop(); part !== undefined; part = way.ahead.pop()) {
      if (part === '' || part === '.') continue
      if (part !== '..') {
        const problem = this.enter(way, part)
        if (problem !== null) return problem
      } else if (way.place.pop() === undefined) return 'leads out of the folder'
    }
    return null
  }

  private enter(way: Way, part: string): string | null {
    way.place.push(part)
    const node = this.nodeAt(way.place)
    // Whatever comes to be there later could lead such a way somewhere else.
    if ((node === null || node.kind === 'file') && way.ahead.includes('..'))
      return 'goes over what is no folder'
    if (node?.kind !== 'symlink') return null
    way.links += 1
    if (way.links > maxLinks) return 'leads in a circle'
    way.place.pop()
    way.ahead.push(...this.targetOf(node.entry).split('/').reverse())
    return null
  }
}
