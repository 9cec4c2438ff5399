import path from 'node:path'
import { FolderWatches } from '../system/folder-watches.js'
import { asMoonkeeperError } from '../contract/error.js'
import { changeOf, type FileChange } from './file-change.js'
import { Gate, type GateSetup } from './gate.js'
import { placeIn, type Root } from './request-path.js'
import { compareTrees, surveyTree, type Difference, type Tree } from './tree.js'

const isAt = (name: string, place: string): boolean => name === place || name.startsWith(`${place}/`)

const isPartOf = (difference: Difference, { item, source_item: source }: FileChange, root: string): boolean =>
  [item, source].some((one) => one?.root === root && isAt(difference.path, one.path))

const noWatches: readonly unknown[] = ['ENOSPC', 'EMFILE']

const reasonOf = (thrown: unknown): string =>
  noWatches.includes((thrown as NodeJS.ErrnoException).code)
    ? 'the system has no watches left (fs.inotify.max_user_watches and max_user_instances)'
    : asMoonkeeperError(thrown).message

export interface FollowerSetup {
  readonly root: () => Root
  readonly gate: GateSetup
  /** Runs something while nothing is changed through the API. */
  readonly undisturbed: (work: () => Promise<void>) => Promise<void>
  /** Told of every change that others made. */
  readonly changed: (change: FileChange) => void
  /** It does not follow any more. @param reason for people */
  readonly gaveUp: (reason: string) => void
  /** Milliseconds without another change before it looks: editors write in several steps. */
  readonly quiet?: number
  /** Milliseconds: who writes all the time is looked at in between, too. */
  readonly longest?: number
}

const usual = { quiet: 250, longest: 2_000 }

/** More changes at once than this are one: that everything may be different. */
const mostChanges = 100

const nothing: Tree = new Map()

/** Tells what others change in a root. As long as nobody does it does nothing at all. */
export class Follower {
  private known: Tree = nothing
  private readonly watches: FolderWatches
  private timer: NodeJS.Timeout | undefined
  /** When the first change came that was not looked at yet. */
  private since: number | null = null
  private open = true

  constructor(private readonly setup: FollowerSetup) {
    this.watches = new FolderWatches(() => this.lookSoon())
  }

  /** Resolves when it follows. What is there then is known. */
  async start(): Promise<void> {
    await this.setup.undisturbed(() => this.survey(() => false))
  }

  /** A change that was made through the API: everyone knows of it already. To be called while it is undisturbed. */
  async adopt(change: FileChange): Promise<void> {
    if (this.open) await this.survey((difference) => !isPartOf(difference, change, this.setup.root().name))
  }

  /** Looks at once. @returns when what changed was told */
  async look(): Promise<void> {
    clearTimeout(this.timer)
    this.since = null
    await this.setup.undisturbed(() => this.survey(() => true))
  }

  close(): void {
    this.open = false
    clearTimeout(this.timer)
    this.watches.close()
  }

  private lookSoon(): void {
    if (!this.open) return
    const now = performance.now()
    this.since ??= now
    const { quiet, longest } = { ...usual, ...this.setup }
    const left = Math.max(0, this.since + longest - now)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.look(), Math.min(quiet, left))
  }

  /** A folder that is new may have been filled before it was watched: then it is looked at again. */
  private async survey(isNews: (difference: Difference) => boolean): Promise<void> {
    try {
      for (let isNew = this.open; isNew;) {
        const before = this.known
        this.known = await this.treeNow()
        isNew = this.open && this.watches.follow(this.folders())
        await this.tell(compareTrees(before, this.known).filter(isNews))
      }
    } catch (thrown) {
      this.close()
      this.setup.gaveUp(reasonOf(thrown))
    }
  }

  private async treeNow(): Promise<Tree> {
    const root = this.setup.root()
    const gate = await Gate.to(root, this.setup.gate).catch(() => null)
    return gate === null ? nothing : surveyTree(root.path, gate)
  }

  private folders(): { readonly path: string; readonly identity: string }[] {
    const { path: rootPath } = this.setup.root()
    return [...this.known].flatMap(([name, { isFolder, identity }]) =>
      isFolder ? [{ path: path.join(rootPath, name), identity }] : [],
    )
  }

  private async tell(differences: readonly Difference[]): Promise<void> {
    const root = this.setup.root()
    const gate = await Gate.to(root, this.setup.gate).catch(() => null)
    if (gate === null || differences.length === 0) return
    if (differences.length > mostChanges) {
      const { item, ...change } = await changeOf('root_update', placeIn(root, ''), gate)
      return this.setup.changed({ ...change, item: { ...item, path: '.' } })
    }
    for (const difference of differences) {
      const from = 'from' in difference ? placeIn(root, difference.from) : null
      this.setup.changed(await changeOf(difference.action, placeIn(root, difference.path), gate, from))
    }
  }
}
