import path from 'node:path'
import { asMoonkeeperError } from '../contract/error.js'
import type { Printer } from '../klippy/printer.js'
import type { Commands } from '../system/commands.js'
import type { Files } from '../system/files.js'
import type { HttpProbe } from '../system/http-probe.js'
import { healthFailure, inSeconds, timeToComeUp, type Sign } from './health-sign.js'

const urlLimit = 5_000
const commandLimit = 30_000
const longestWord = 300
const klipperPatience = 120_000
/** A connection to the Klipper from before its restart may be seen for so long, in milliseconds. */
const oldConnection = 5_000

/** What is asked until it answers: what was started needs time to come up. */
interface Question extends Pick<Sign, 'key' | 'what' | 'broken' | 'limit'> {
  /** @returns null when all is well, else what is wrong, for people */
  readonly obstacle: (signal: AbortSignal) => Promise<string | null>
  /** What failed and what to do about it. */
  readonly failure: (obstacle: string, time: string) => string
}

const askedSign = ({ obstacle, failure, ...sign }: Question, settleTime: number): Sign => ({
  ...sign,
  before: async (signal) => (await obstacle(signal)) === null,
  watch: () => async (passed, signal) => {
    const found = await obstacle(signal)
    if (found === null) return true
    if (passed >= settleTime + timeToComeUp) throw healthFailure(failure(found, inSeconds(passed)))
    return false
  },
})

/** Without what may be secret in it. */
const shown = (url: string): string => {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

/** @param settleTime in milliseconds */
export const urlSign = (url: string, settleTime: number, probe: HttpProbe): Sign => {
  const what = shown(url)
  return askedSign(
    {
      key: 'url',
      what,
      broken: 'it did not answer',
      limit: urlLimit,
      obstacle: (signal) => probe.obstacle(url, urlLimit, signal),
      failure: (obstacle, time) =>
        `${what} did not answer with success within ${time} after the update (${obstacle}): ` +
        'open it in a browser, and look at the log of what serves it',
    },
    settleTime,
  )
}

const lastLine = (text: string): string => (text.trim().split('\n').at(-1) ?? '').slice(0, longestWord)

const commandObstacle = async (
  argv: readonly [string, ...string[]],
  commands: Commands,
  signal: AbortSignal,
): Promise<string | null> => {
  try {
    const limits = { timeout: commandLimit, maxOutput: 1024 * 1024, signal }
    const { code, ended, stdout, stderr } = await commands.run(argv, limits)
    signal.throwIfAborted()
    if (code === 0) return null
    if (ended === 'timeout') return `it did not end within ${inSeconds(commandLimit)}`
    if (ended === 'too_much_output') return 'it wrote more than 1 MiB'
    const word = lastLine(stderr) || lastLine(stdout.toString('utf8'))
    return word || (code === null ? 'it was killed' : `it ended with code ${code}`)
  } catch (thrown) {
    signal.throwIfAborted()
    return asMoonkeeperError(thrown).message
  }
}

/** @param settleTime in milliseconds */
export const commandSign = (
  argv: readonly [string, ...string[]],
  settleTime: number,
  commands: Commands,
): Sign =>
  askedSign(
    {
      key: 'command',
      what: 'the health command',
      broken: 'it failed',
      limit: commandLimit,
      obstacle: (signal) => commandObstacle(argv, commands, signal),
      failure: (obstacle, time) =>
        `The health command still failed ${time} after the update: ${obstacle}. Try it: ${argv.join(' ')}`,
    },
    settleTime,
  )

const klipperFailure = (what: string, state: Printer['state']): Error =>
  healthFailure(
    `Klipper ${what} after the update; its state is '${state}': look at klippy.log, and at what Klipper shows`,
  )

/**
 * Klipper must be ready again, and stay so for the settle time.
 * @param settleTime in milliseconds
 */
export const klipperSign = (settleTime: number, printer: Pick<Printer, 'state'>): Sign => ({
  key: 'klipper',
  what: 'Klipper',
  broken: 'it was not ready',
  limit: 0,
  before: async () => printer.state === 'ready',
  watch: () => {
    let readyAt: number | null = null
    return async (passed) => {
      const { state } = printer
      if (state === 'ready') {
        readyAt ??= passed
        return passed - readyAt >= settleTime
      }
      if (readyAt !== null && passed > oldConnection)
        throw klipperFailure(`was ready, but not for long: it was lost within ${inSeconds(passed)}`, state)
      readyAt = null
      if (passed >= klipperPatience) throw klipperFailure(`was not ready within ${inSeconds(passed)}`, state)
      return false
    }
  },
})

const isThere = async (file: string, files: Pick<Files, 'stat'>): Promise<boolean> =>
  (await files.stat(file)) !== null

/** A file that was there must be there. */
export const fileSign = (file: string, files: Pick<Files, 'stat'>): Sign => ({
  key: `file ${file}`,
  what: file,
  broken: 'it was missing',
  limit: 0,
  before: () => isThere(file, files).catch(() => null),
  watch: () => async () => {
    const found = await isThere(file, files).catch((thrown: unknown) => asMoonkeeperError(thrown).message)
    if (found === true) return true
    const what = found === false ? 'is missing' : `cannot be looked at (${found})`
    throw healthFailure(`${file} ${what} after the update: look at ls -la ${path.dirname(file)}`)
  },
})
