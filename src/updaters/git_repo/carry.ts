import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import type { Files } from '../../system/files.js'
import type { Checkout } from './checkout.js'
import { limits, type Git } from './git.js'

/** Carries what git does not know from an old checkout to a new one, by renames that a list made before tells. */
export class Carrier {
  private readonly files: Files
  private readonly folder: string

  constructor(
    private readonly checkout: Checkout,
    private readonly workFolder: string,
  ) {
    this.files = checkout.outside.files
    this.folder = checkout.git.folder
  }

  private get entriesFile(): string {
    return path.join(this.workFolder, 'untracked.json')
  }

  private get movesFile(): string {
    return path.join(this.workFolder, 'moves.json')
  }

  /** Where files of the user stay that found their place taken. */
  keptFolder(stamp: string): string {
    return path.join(this.checkout.outside.dataFolder, 'edits', this.checkout.name, `${stamp}-files`)
  }

  /** Notes everything that git does not know (ignored files too); wholly unknown folders as one. */
  async list(view: Git): Promise<void> {
    const entries = await view.readList(['ls-files', '--others', '--directory', '-z'], {
      timeout: limits.transfer,
    })
    await this.files.makeFolder(this.workFolder)
    const clean = entries
      .map((entry) => entry.replace(/\/$/, ''))
      .filter((entry) => entry !== '' && entry !== '.git')
    await this.files.writeText(this.entriesFile, JSON.stringify(clean))
  }

  /** @returns the entries whose place was taken; they are kept in keptFolder */
  async carry(aside: string, stamp: string): Promise<readonly string[]> {
    const moves: string[] = []
    const left: string[] = []
    for (const entry of await this.read(this.entriesFile)) await this.sortOut(aside, entry, moves, left)
    await this.files.writeText(this.movesFile, JSON.stringify(moves))
    for (const entry of moves) {
      await this.files.makeFolder(path.dirname(path.join(this.folder, entry)))
      await this.files.rename(path.join(aside, entry), path.join(this.folder, entry))
    }
    for (const entry of left)
      await this.files.copyEntry(path.join(aside, entry), path.join(this.keptFolder(stamp), entry))
    return left
  }

  /** Moves everything back that was carried. Idempotent: without a folder aside the old checkout is in its place. */
  async back(aside: string): Promise<void> {
    if ((await this.files.stat(aside)) === null) return
    for (const entry of await this.read(this.movesFile)) {
      const here = path.join(this.folder, entry)
      const there = path.join(aside, entry)
      if ((await this.files.stat(here)) === null || (await this.files.stat(there)) !== null) continue
      await this.files.rename(here, there)
    }
  }

  private async read(file: string): Promise<readonly string[]> {
    const text = await this.files.readText(file)
    return text === null ? [] : (JSON.parse(text) as string[])
  }

  /** A place that is free is moved into; a folder that both have is gone through; else the entry is left. */
  private async sortOut(aside: string, entry: string, moves: string[], left: string[]): Promise<void> {
    const source = await this.files.stat(path.join(aside, entry))
    if (source === null) {
      throw new MoonkeeperError(
        'refused',
        `${this.checkout.name}: a file of yours has a name that is no UTF-8 (${entry}). Rename it and try again.`,
      )
    }
    const place = await this.files.stat(path.join(this.folder, entry))
    if (place === null) {
      moves.push(entry)
    } else if (place.isDirectory() && source.isDirectory()) {
      for (const child of await this.files.list(path.join(aside, entry))) {
        await this.sortOut(aside, path.join(entry, child.name), moves, left)
      }
    } else if (source.isDirectory()) {
      for (const child of await this.files.list(path.join(aside, entry)))
        await this.leaveAll(aside, path.join(entry, child.name), left)
    } else {
      left.push(entry)
    }
  }

  private async leaveAll(aside: string, entry: string, left: string[]): Promise<void> {
    const source = await this.files.stat(path.join(aside, entry))
    if (source?.isDirectory() !== true) {
      left.push(entry)
      return
    }
    for (const child of await this.files.list(path.join(aside, entry))) {
      await this.leaveAll(aside, path.join(entry, child.name), left)
    }
  }
}
