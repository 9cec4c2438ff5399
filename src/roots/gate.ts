import path from 'node:path'
import { followSymlinks, isWithin } from '../config/paths.js'
import { MoonkeeperError } from '../contract/error.js'
import { whilePinned } from '../system/pinned.js'
import type { Root } from './request-path.js'

/** A file or folder that nobody reaches through the API. */
export interface Reserved {
  readonly name: string
  /** Absolute; it need not exist. */
  readonly path: string
}

export interface GateSetup {
  readonly reserved: () => readonly Reserved[]
  /** The folders of applications: symlinks into them may be read. */
  readonly managed: () => readonly string[]
}

/** compat: read and write, read only, or nothing at all. */
export type Permissions = 'rw' | 'r' | ''

/** Its commands run as the daemon's user: whatever it is beside, the API does not touch it. */
const neverTouched = 'moonkeeper.conf'

/** Files that are being written. */
export const isUnfinished = (name: string): boolean => name.endsWith('.moonkeeper-tmp')

/**
 * What may be reached through the API, decided by where something really is.
 * compat: Moonraker follows symlinks anywhere. Here they are followed within their root, and for reading into the folder
 * of an application that is managed, because that is how mainsail.cfg and its like come into the configuration.
 */
export class Gate {
  private constructor(
    /** Where the root really is. */
    readonly rootPath: string,
    private readonly root: Root,
    private readonly reserved: readonly Reserved[],
    private readonly managed: readonly string[],
  ) {}

  /** @throws not_found when the root's folder is not there */
  static async to(root: Root, setup: GateSetup): Promise<Gate> {
    const rootPath = await whilePinned(root.path, async (found) => found.realPath)
    if (rootPath === null)
      throw new MoonkeeperError('not_found', `The folder of ${root.name} is not there: ${root.path}`)
    const reserved = await Promise.all(
      setup.reserved().map(async ({ name, path: at }) => ({ name, path: await followSymlinks(at) })),
    )
    const managed = await Promise.all(setup.managed().map(followSymlinks))
    return new Gate(rootPath, root, reserved, managed)
  }

  /** @param realPath without symlinks @throws forbidden */
  refuseReading(realPath: string): void {
    this.refuseSecret(realPath)
    if (isWithin(realPath, this.rootPath) || this.managed.some((folder) => isWithin(realPath, folder))) return
    throw new MoonkeeperError(
      'forbidden',
      `${path.basename(realPath)} is not in ${this.root.name}: a symlink leads out of it`,
    )
  }

  /**
   * Of a file, or of a folder with all that is in it; it need not exist.
   * @param realPath without symlinks
   * @throws forbidden, read_only
   */
  refuseWriting(realPath: string): void {
    if (!this.root.writable) throw new MoonkeeperError('read_only', 'Operation Not Supported')
    this.refuseSecret(realPath)
    const within = this.reserved.find((one) => isWithin(one.path, realPath))
    if (within !== undefined) throw this.reservedBy(realPath, within.name)
    if (!isWithin(realPath, this.rootPath) || isUnfinished(realPath))
      throw new MoonkeeperError(
        'forbidden',
        `${path.basename(realPath)} is not in ${this.root.name}: a symlink leads out of it`,
      )
  }

  /** @param isLink true when its name is a symlink: what it leads to is written under its own name */
  permissions(realPath: string, isLink: boolean): Permissions {
    try {
      this.refuseReading(realPath)
    } catch {
      return ''
    }
    return this.root.writable && !isLink && isWithin(realPath, this.rootPath) ? 'rw' : 'r'
  }

  /** @throws forbidden */
  private refuseSecret(realPath: string): void {
    if (realPath.split('/').includes('.git'))
      throw new MoonkeeperError('forbidden', 'Access to .git folders is forbidden')
    const holder = this.reserved.find((one) => isWithin(realPath, one.path))
    if (holder !== undefined) throw this.reservedBy(realPath, holder.name)
    if (path.basename(realPath) === neverTouched) throw this.reservedBy(realPath, 'moonkeeper')
  }

  private reservedBy(realPath: string, name: string): MoonkeeperError {
    return new MoonkeeperError(
      'forbidden',
      `Access to file ${path.basename(realPath)} forbidden by reserved path '${name}'`,
    )
  }
}
