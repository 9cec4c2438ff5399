import type { Clock } from '../../system/clock.js'
import type { Files } from '../../system/files.js'
import type { PackageContext } from './provider.js'

export interface LockSurroundings {
  readonly files: Pick<Files, 'stat' | 'readText'>
  readonly clock: Clock
}

/** A program that holds a lock. */
interface Holder {
  readonly pid: string
  readonly program: string
}

const poll = 500
const reminder = 30_000
const packageTool = /^(?:apt|dpkg|aptitude|unattended-upgr|packagekitd|synaptic|nala|python3)/

/** `N: POSIX ADVISORY WRITE PID MAJOR:MINOR:INODE START END`, hexadecimal but for the inode: proc(5). */
const lockLine = /^\d+: (?:POSIX|OFDLCK|FLOCK) +\S+ +WRITE +(-?\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) /

/** glibc's makedev, the other way round. */
const deviceOf = (dev: number): string => {
  const bits = BigInt(dev)
  const major = ((bits >> 8n) & 0xfffn) | ((bits >> 32n) & ~0xfffn)
  const minor = (bits & 0xffn) | ((bits >> 12n) & ~0xffn)
  return `${major.toString(16).padStart(2, '0')}:${minor.toString(16).padStart(2, '0')}`
}

/** By the number of their inodes, the devices that files are on. */
const placesOf = async (
  paths: readonly string[],
  { files }: LockSurroundings,
): Promise<ReadonlyMap<string, string>> => {
  const stats = await Promise.all(paths.map((file) => files.stat(file).catch(() => null)))
  return new Map(stats.flatMap((stat) => (stat === null ? [] : [[String(stat.ino), deviceOf(stat.dev)]])))
}

const read = async (file: string, { files }: LockSurroundings): Promise<string> =>
  (await files.readText(file).catch(() => null)) ?? ''

/** Who holds one of these files. Everybody may read that, also of files that only root may open. */
const holderOf = async (paths: readonly string[], outside: LockSurroundings): Promise<Holder | null> => {
  const places = await placesOf(paths, outside)
  for (const line of (await read('/proc/locks', outside)).split('\n')) {
    const [, pid = '', major, minor, inode = ''] = lockLine.exec(line) ?? []
    const device = places.get(inode)
    if (device === undefined) continue
    const program = (await read(`/proc/${pid}/comm`, outside)).trim()
    // Some file systems (overlay, btrfs) tell another device than they lock on.
    if (device === `${major}:${minor}` || packageTool.test(program)) return { pid, program }
  }
  return null
}

const words = ({ program, pid }: Holder): string => `${program} (process ${pid})`

/** Who holds one of the locks, for people; null when nobody does. */
export const lockHolder = async (
  paths: readonly string[],
  outside: LockSurroundings,
): Promise<string | null> => {
  const holder = await holderOf(paths, outside)
  return holder === null ? null : words(holder)
}

/**
 * Waits, as long as it takes, until nobody uses the packages, and says for whom.
 * @param holder who uses them now, for people
 * @throws the signal's reason
 */
export const waitUntilFree = async (
  holder: () => Promise<string | null>,
  clock: Clock,
  { say, signal }: Pick<PackageContext, 'say' | 'signal'>,
): Promise<void> => {
  let saidAt: number | null = null
  for (;;) {
    signal.throwIfAborted()
    const name = await holder()
    if (name === null) return
    const now = clock.now()
    if (saidAt === null) say(`Packages are in use by ${name}: waiting until it is done...`)
    else if (now - saidAt >= reminder) say(`Still waiting for ${name}...`)
    if (saidAt === null || now - saidAt >= reminder) saidAt = now
    await clock.wait(poll, signal)
  }
}

/** Waits, as long as it takes, until nobody holds one of the locks, and says for whom. @throws the signal's reason */
export const waitForLocks = (
  paths: readonly string[],
  outside: LockSurroundings,
  context: Pick<PackageContext, 'say' | 'signal'>,
): Promise<void> => waitUntilFree(() => lockHolder(paths, outside), outside.clock, context)
