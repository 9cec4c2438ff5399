import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { pino, destination } from 'pino'
import { MoonkeeperError } from '../contract/error.js'

/** Static messages, data in fields. Secrets never reach a field. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** A log whose every line has these fields too. */
export const logWith = (log: Log, fields: object): Log => ({
  debug: (more, message) => log.debug({ ...fields, ...more }, message),
  info: (more, message) => log.info({ ...fields, ...more }, message),
  warn: (more, message) => log.warn({ ...fields, ...more }, message),
  error: (more, message) => log.error({ ...fields, ...more }, message),
})

/** A log that can begin a new file. */
export interface RollingLog extends Log {
  /**
   * Puts the file aside, with the time in its name, and begins a new one. Of those put aside the newest two stay.
   * @throws refused when nothing is written to a file; what the file system refuses: then it goes on in the old one
   */
  rollOver(): void
}

/** Bytes after which a new file is begun. */
const largestFile = 16 * 1024 * 1024

const filesKept = 2

const timeIn = (now: Date): string => now.toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-')

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

const putAside = (file: string): void => {
  const [folder, name] = [path.dirname(file), path.basename(file)]
  renameSync(file, `${file}.${timeIn(new Date())}`)
  const old = readdirSync(folder).filter(
    (other) => other.startsWith(`${name}.`) && /^\d{4}-[\d_-]+$/.test(other.slice(name.length + 1)),
  )
  for (const other of old.sort().slice(0, -filesKept)) rmSync(path.join(folder, other), { force: true })
}

type Output = ReturnType<typeof destination>

const rollerOf = (file: string | null, output: Output): (() => void) => {
  if (file === null)
    return () => {
      throw new MoonkeeperError('refused', 'File Logging Disabled')
    }
  let size = sizeOf(file)
  const rollOver = (): void => {
    // Also when it fails: it is tried again after as much.
    size = 0
    putAside(file)
    output.reopen()
  }
  output.on('write', (bytes) => {
    size += bytes
    if (size <= largestFile) return
    try {
      rollOver()
    } catch {
      // What cannot be put aside goes on; there is nowhere else to say so.
    }
  })
  return rollOver
}

/**
 * A log that writes JSON lines to a file, synchronously: no worker, nothing lost at a kill.
 * @param file the log file; null writes to standard error
 */
export const createLog = (file: string | null, verbose: boolean): RollingLog => {
  const output = destination({ dest: file ?? 2, sync: true, mkdir: true })
  const log = pino(
    {
      level: verbose ? 'debug' : 'info',
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ['token', 'password', 'api_key', '*.token', '*.password', '*.api_key'],
        censor: '[redacted]',
      },
    },
    output,
  )
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    rollOver: rollerOf(file, output),
  }
}
