import { errorStatus } from './generated/tables.js'

/*
 * The one error class. Its kinds, with what each door answers, are in schemas/errors.json.
 * Throw where a request is refused; the dispatcher logs once.
 */

/** The stable code for programs. */
export type ErrorKind = keyof typeof errorStatus

export class MoonkeeperError extends Error {
  override readonly name = 'MoonkeeperError'
  readonly kind: ErrorKind

  /**
   * @param kind the stable code for programs
   * @param message what happened, to what, and what to do next, for a tired person at the printer
   * @param cause what led to it; null when this is where it began
   */
  constructor(kind: ErrorKind, message: string, cause: unknown = null) {
    super(message, { cause })
    this.kind = kind
  }

  get status(): number {
    return errorStatus[this.kind]
  }
}

/** A refusal of somebody whom we asked for a client: what they said goes to the client as it is. */
export class PassedOnError extends MoonkeeperError {
  /** @param data stands as `error.data` in JSON-RPC, where else the kind is */
  constructor(
    kind: ErrorKind,
    message: string,
    readonly data: unknown,
  ) {
    super(kind, message)
  }
}

/** compat: a refusal's JSON-RPC code is its HTTP status, except 404 -> -32601 and 401 -> -32602. */
export const rpcCode = (status: number): number => {
  if (status === 404) return -32601
  if (status === 401) return -32602
  return status
}

interface Obstacle {
  readonly what: string
  /** What a person can do; `path` stands for the file. */
  readonly help: string
}

/** What a file system refuses, by its code: a person can do something about each. */
const obstacles: Readonly<Record<string, Obstacle>> = {
  EACCES: { what: 'Permission denied', help: 'Look who owns it: ls -ld PATH' },
  EPERM: { what: 'Not permitted', help: 'Look who owns it, and its attributes: ls -ld PATH; lsattr -d PATH' },
  EBUSY: { what: 'In use', help: 'Look whether it is a mount point: findmnt PATH' },
  EXDEV: {
    what: 'On another file system',
    help: 'Look whether a mount point lies between: findmnt --target PATH',
  },
  ENOSPC: { what: 'The disk is full', help: 'Make free space: df -h PATH; df -i PATH' },
  EDQUOT: { what: 'The quota of this user is used up', help: 'Make free space: quota; df -h PATH' },
  EROFS: {
    what: 'The file system is read-only',
    help: 'Often the card is worn out. Look at: findmnt --target PATH; dmesg',
  },
  EMFILE: { what: 'Too many files are open', help: 'Restart Moonkeeper; the limit: ulimit -n' },
}

/** A path as a word that can be pasted into a shell. */
const quoted = (path: string): string =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`

/** null when it is no obstacle that people can do something about. */
const fileSystemError = (thrown: unknown): MoonkeeperError | null => {
  if (!(thrown instanceof Error)) return null
  const { code = '', path, dest } = thrown as NodeJS.ErrnoException & { readonly dest?: string }
  const obstacle = Object.hasOwn(obstacles, code) ? obstacles[code] : undefined
  if (obstacle === undefined) return null
  const where = path === undefined ? '' : `: ${path}${dest === undefined ? '' : ` -> ${dest}`}`
  const help = obstacle.help.replaceAll('PATH', quoted(path ?? '.'))
  // Programs can tell it from what trying again may mend.
  const kind = code === 'ENOSPC' || code === 'EDQUOT' ? 'no_space' : 'command_failed'
  return new MoonkeeperError(kind, `${obstacle.what} (${code})${where}. ${help}`, thrown)
}

/** Any thrown thing as a MoonkeeperError; what is neither one nor of the file system is internal. */
export const asMoonkeeperError = (thrown: unknown): MoonkeeperError => {
  if (thrown instanceof MoonkeeperError) return thrown
  const known = fileSystemError(thrown)
  if (known !== null) return known
  return new MoonkeeperError('internal', thrown instanceof Error ? thrown.message : String(thrown), thrown)
}
