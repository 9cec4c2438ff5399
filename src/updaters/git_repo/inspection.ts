import { ask, EarlyFetch } from './early-fetch.js'
import type { GitRepoOptions } from './options.js'
import { readVersionsIfChanged } from './known-versions.js'
import { GitError, gitMessages, isSafeName, limits, meansCorruption, withoutIndex, type Git } from './git.js'
import { adoptKeptRefs } from './kept-refs.js'
import { headCommit, locate, type Location } from './location.js'
import { waitForIndexLock } from './lock.js'
import { movedTo } from './moved-origin.js'
import { ownerAndName, readRemotes, type Remotes } from './remote.js'
import { readRefs } from './refs.js'
import { placeOf, type GitRepoState } from './state.js'
import { readWorkingTree, type WorkingTree } from './working-tree.js'
import type { InspectContext, UpdaterSurroundings } from '../contract.js'

export interface InspectionSetup {
  readonly name: string
  readonly options: GitRepoOptions
  readonly git: Git
  readonly outside: UpdaterSurroundings
}

type Local = readonly [Remotes, WorkingTree, string | null]

/** One look at a checkout and its remote. It changes nothing that runs; what goes wrong is part of what was seen. */
export class Inspection {
  private readonly state: GitRepoState
  /** The commit that was checked out when this could be told last. */
  private readonly before: string

  constructor(
    private readonly setup: InspectionSetup,
    previous: GitRepoState,
    private readonly context: InspectContext,
  ) {
    this.before = previous.currentCommit
    this.state = {
      ...previous,
      corrupt: false,
      foreignOwner: false,
      currentCommit: '?',
      currentVersion: '?',
      dirty: false,
      modified: [],
      diverged: false,
      messages: [],
      failure: null,
      remoteFailure: context.remote ? null : previous.remoteFailure,
      target: null,
    }
  }

  /** Never throws but for an abort. */
  async look(): Promise<GitRepoState> {
    try {
      await this.lookOrFail()
      if (this.state.rollback.commit === '?' || this.state.rollback.branch === '?') {
        this.state.rollback = placeOf(this.state)
      }
    } catch (thrown) {
      if (this.context.signal.aborted) throw thrown
      this.note(thrown)
    }
    return this.state
  }

  private async lookOrFail(): Promise<void> {
    const { files, clock } = this.setup.outside
    const location = await locate(this.setup.git.folder, files)
    this.state.repository = location.repository
    this.state.gitFolder = location.gitFolder
    if (location.repository === 'absent') return this.useConfiguredOrigin()
    await waitForIndexLock(location.gitFolder, files, clock, this.context.signal)
    const { remote } = this.context
    const early =
      remote && this.state.remote !== '?' ? new EarlyFetch(this.setup, this.state.remote, this.context) : null
    try {
      await this.lookAt(location, early)
    } finally {
      await early?.drop()
    }
  }

  private async lookAt(location: Location, early: EarlyFetch | null): Promise<void> {
    const { git } = this.setup
    const [remotes, tree, refsBefore] = await this.readLocal(location, early)
    this.noteTree(tree)
    if (await this.hasLostHead(location, tree)) return this.noteLostHead(location)
    await this.findBranch(tree, remotes)
    const moved = await this.findRemote(remotes)
    if (moved) await early?.drop()
    const changed = this.context.remote || moved ? await this.fetch(moved ? null : early) : false
    const { owner, name } = ownerAndName(this.state.remoteUrl)
    Object.assign(this.state, { owner, repoName: name })
    const refs = await this.adopt(location, changed ? await readRefs(git, this.context.signal) : refsBefore)
    const seen = { location, remotes, tree, refs }
    await readVersionsIfChanged(this.setup, this.state, seen, this.context.signal)
  }

  /** @returns every ref, as they are when the application's kept versions have refs of their own */
  private async adopt(location: Location, refs: string | null): Promise<string | null> {
    const changed = await adoptKeptRefs(this.setup, this.state.kept, location, refs)
    return changed ? readRefs(this.setup.git, this.context.signal) : refs
  }

  /** Everything that needs no network. A repository that cannot be read is told apart here. */
  private async readLocal(location: Location, early: EarlyFetch | null): Promise<Local> {
    const { outside } = this.setup
    try {
      return await this.readMended(location, early)
    } catch (thrown) {
      if (thrown instanceof GitError && !this.context.signal.aborted) {
        this.state.repository = 'absent'
        this.useConfiguredOrigin()
        // Kept so that a hard recovery can bring the same version back.
        this.state.currentCommit = (await headCommit(location, outside.files)) ?? this.before
        this.blame(thrown)
      }
      throw thrown
    }
  }

  /** What a power cut took and the remote has is brought back by the fetch that is under way: that is waited for. */
  private async readMended(location: Location, early: EarlyFetch | null): Promise<Local> {
    const found = await this.readOnce().catch((thrown: unknown) => ({ thrown }))
    const isBroken = 'thrown' in found || (await this.hasLostHead(location, found[1]))
    if (isBroken && (await early?.broughtSomething()) === true) return this.readOnce()
    if ('thrown' in found) throw found.thrown
    return found
  }

  private async readOnce(): Promise<Local> {
    const { git } = this.setup
    return Promise.all([
      readRemotes(git, this.context.signal),
      readWorkingTree(git, this.context.signal),
      // A fetch that changes some says so: they are read again then.
      readRefs(git, this.context.signal),
    ])
  }

  /** HEAD names a branch that names nothing, though there were commits. */
  private async hasLostHead(location: Location, tree: WorkingTree): Promise<boolean> {
    return tree.commit === null && (await headCommit(location, this.setup.outside.files)) !== null
  }

  /** A damaged repository does not tell its remote: the configured origin is where it can be had again. */
  private useConfiguredOrigin(): void {
    if (this.state.recoveryUrl === '?') this.state.recoveryUrl = this.setup.options.origin
  }

  private blame(error: GitError): void {
    const text = error.messages.join('\n')
    this.state.foreignOwner = /dubious ownership/.test(text)
    // A folder .git that git does not take for one is damaged as well: its HEAD is empty, say.
    this.state.corrupt =
      !this.state.foreignOwner && (meansCorruption(text) || /not a git repository/.test(text))
    if (this.state.foreignOwner) this.state.recoveryUrl = '?'
  }

  /** What a power cut leaves. */
  private async noteLostHead(location: Location): Promise<void> {
    this.state.corrupt = true
    this.state.dirty = false
    this.state.modified = []
    this.state.currentCommit = (await headCommit(location, this.setup.outside.files)) ?? this.before
    this.useConfiguredOrigin()
  }

  private noteTree(tree: WorkingTree): void {
    this.state.modified = [...tree.changed]
    this.state.dirty = tree.changed.length > 0
    this.state.untracked = tree.untracked.filter((path) => /\.(?:py|c|cpp)$/.test(path))
  }

  private async findBranch(tree: WorkingTree, remotes: Remotes): Promise<void> {
    this.state.detached = tree.branch === null
    if (tree.branch !== null) {
      this.state.branch = isSafeName(tree.branch) ? tree.branch : '?'
      this.state.remote = remotes.trackedBy(tree.branch)
      return
    }
    // compat: where git spells out a remote branch ("HEAD detached at origin/dev"), that is what is tracked.
    const text = await this.setup.git.read(['branch', '--list', '--no-color'], {
      signal: this.context.signal,
    })
    const at = /^\* \(HEAD detached (?:at|from) (\S+)\)/m.exec(text)?.[1] ?? ''
    const remote = remotes.names.find((name) => at.startsWith(`${name}/`))
    if (remote === undefined || !isSafeName(at)) return
    this.state.remote = remote
    this.state.branch = at.slice(remote.length + 1)
  }

  /** @returns true when the repository had moved and the remote was pointed to the new place */
  private async findRemote(remotes: Remotes): Promise<boolean> {
    const { remote } = this.state
    if (remote === '?') {
      this.state.remoteUrl = '?'
      throw new Error(`Git Repo ${this.setup.name}: No valid git remote detected`)
    }
    this.state.remoteUrl = remotes.url(remote)
    const to = this.context.remote
      ? await movedTo(this.setup, this.state.remoteUrl, this.context.signal)
      : null
    if (to !== null) {
      await this.setup.git.run(['remote', 'set-url', remote, to], { signal: this.context.signal })
      this.state.remoteUrl = to
    }
    this.state.recoveryUrl = remote === 'origin' ? this.state.remoteUrl : remotes.url('origin')
    return to !== null
  }

  /**
   * A remote that cannot be asked leaves what is known of it; the local side is told all the same.
   * @returns true when refs may have changed
   */
  private async fetch(early: EarlyFetch | null): Promise<boolean> {
    const { remote, remoteUrl } = this.state
    const asked = (await early?.of(remote)) ?? (await ask(this.setup, remote, this.context.signal))
    if ('changed' in asked) return asked.changed
    const { thrown } = asked
    if (!(thrown instanceof GitError) || this.context.signal.aborted) throw thrown
    this.state.messages = [...thrown.messages]
    this.state.remoteFailure =
      `Could not fetch from ${remoteUrl}: ${reasonOf(thrown)}. What is shown of the remote is older. ` +
      'Check the network and refresh again.'
    return true
  }

  private note(thrown: unknown): void {
    if (thrown instanceof GitError) {
      const text = thrown.messages.join('\n')
      this.state.messages = [text]
      if (!this.state.foreignOwner && meansCorruption(text)) this.state.corrupt = true
      if (!this.state.corrupt && !this.state.foreignOwner) this.state.failure ??= text
      return
    }
    if (this.state.remote === '?') return
    this.state.failure ??= thrown instanceof Error ? thrown.message : String(thrown)
  }
}

/** The line in which git says why, without its full stop. */
const reasonOf = (error: GitError): string => {
  const telling = error.messages.find((line) => /^(?:fatal|error): /.test(line))
  return (telling ?? error.messages.at(-1) ?? error.message).replace(/\.$/, '')
}

export const fsck = ['fsck', '--full', '--no-dangling', '--no-progress']

/** True when every object that the checkout needs can be read. Takes as long as the repository is large. */
export const isSound = async (git: Git, signal: AbortSignal): Promise<boolean> => {
  const result = await git.attempt(fsck, { timeout: limits.transfer, signal, env: withoutIndex })
  return result.code === 0 && !meansCorruption(gitMessages(result).join('\n'))
}
