import { pino, destination } from 'pino'

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

/**
 * A log that writes JSON lines to a file, synchronously: no worker, nothing lost at a kill.
 * @param file the log file; null writes to standard error
 */
export const createLog = (file: string | null, verbose: boolean): Log =>
  pino(
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
    destination({ dest: file ?? 2, sync: true, mkdir: true }),
  )
