import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'

/** A folder that clients see under a name. */
export interface Root {
  readonly name: string
  /** Absolute. */
  readonly path: string
  readonly writable: boolean
}

/** Something in a root, as it was asked for: nothing is known of it yet. */
export interface Place {
  readonly root: Root
  /** Without `.` and `..`; empty for the root itself. */
  readonly relative: string
  /** Absolute. Symlinks may lead it anywhere. */
  readonly path: string
}

/** compat: `..` is taken out before anything is looked at, and so leads to other roots at most. */
const normalised = (requested: string): string => path.posix.normalize(requested).replace(/^\/+|\/+$/g, '')

const outside = (requested: string, root: Root): MoonkeeperError =>
  new MoonkeeperError('bad_argument', `Invalid path request, '${requested}' is outside root '${root.name}'`)

/** @throws bad_argument when it is outside of the root */
export const placeIn = (root: Root, relative: string): Place => {
  const inner = path.posix.normalize(relative).replace(/^\/+|\/+$/g, '')
  if (inner === '..' || inner.startsWith('../') || inner.includes('\0')) throw outside(relative, root)
  const clean = inner === '.' ? '' : inner
  return { root, relative: clean, path: path.join(root.path, clean) }
}

/** @param requested `root/folder/file` @throws bad_argument when its beginning is no root */
export const placeOf = (roots: readonly Root[], requested: string): Place => {
  const [name = '', ...rest] = normalised(requested).split('/')
  const root = roots.find((one) => one.name === name)
  if (root === undefined) throw new MoonkeeperError('bad_argument', `Invalid root path (${name})`)
  return placeIn(root, rest.join('/'))
}
