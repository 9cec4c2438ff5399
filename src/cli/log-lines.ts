import { open } from 'node:fs/promises'
import { oneLine } from './terminal-text.js'

/** Bytes read from the end of a log: enough for its last lines, whatever its size. */
const tail = 256 * 1024

const isAbsent = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'ENOENT'

/** The last lines of a file; null when there is none. */
export const readLastLines = async (file: string, count: number): Promise<readonly string[] | null> => {
  try {
    const handle = await open(file, 'r')
    try {
      const { size } = await handle.stat()
      const start = Math.max(0, size - tail)
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start)
      const lines = buffer.toString('utf8', 0, bytesRead).split('\n')
      // The first line was probably cut.
      const whole = start > 0 ? lines.slice(1) : lines
      return whole.filter((line) => line.trim() !== '').slice(-count)
    } finally {
      await handle.close()
    }
  } catch (thrown) {
    if (isAbsent(thrown)) return null
    throw thrown
  }
}

const two = (value: number): string => String(value).padStart(2, '0')

/** @param time Unix milliseconds */
export const timeOfDay = (time: number): string => {
  const date = new Date(time)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
}

const dateOf = (given: unknown): Date | null => {
  const date = typeof given === 'string' || typeof given === 'number' ? new Date(given) : new Date(NaN)
  return Number.isNaN(date.getTime()) ? null : date
}

const dayOf = (date: Date): string =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`

/** The day here; `-` for what is no time. */
export const localDay = (given: unknown): string => {
  const date = dateOf(given)
  return date === null ? '-' : dayOf(date)
}

/** Day and time here; `-` for what is no time. */
export const localTime = (given: unknown): string => {
  const date = dateOf(given)
  return date === null ? '-' : `${dayOf(date)} ${timeOfDay(date.getTime())}`
}

/** A field's value: an error is its message, a plain word stands without quotes. */
const shown = (value: unknown): string => {
  if (value !== null && typeof value === 'object' && 'message' in value) return JSON.stringify(value.message)
  return typeof value === 'string' && /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value)
}

const entryOf = (line: string): Readonly<Record<string, unknown>> | null => {
  try {
    const parsed: unknown = JSON.parse(line)
    return parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** One line of the log (a JSON object, see system/log.ts) for people. What is no JSON stays as it is. */
export const readable = (line: string): string => {
  const entry = entryOf(line)
  if (entry === null) return oneLine(line)
  const { time, level, msg, ...fields } = entry
  const data = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`)
  const begin = `${localTime(time)} ${String(level).padEnd(5)} ${typeof msg === 'string' ? msg : ''}`
  return oneLine([begin, ...data].join('  '))
}
