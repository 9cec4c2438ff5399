import { pino, destination } from 'pino'

/** Static messages, data in fields. Secrets never reach a field. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

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
