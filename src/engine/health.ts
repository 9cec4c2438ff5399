import type { Printer } from '../klippy/printer.js'
import type { Services } from '../machine/services.js'
import type { Clock } from '../system/clock.js'
import type { Commands } from '../system/commands.js'
import type { Files } from '../system/files.js'
import type { HttpProbe } from '../system/http-probe.js'
import type { Progress } from '../updaters/contract.js'
import { serviceSign } from './health-service.js'
import { inSeconds, type Sign } from './health-sign.js'
import { commandSign, fileSign, klipperSign, urlSign } from './health-signs.js'
import type { HealthSubject } from './health-subject.js'

/*
 * Invariants:
 * 1. What did not work before the update is not asked after it: the update is not to blame.
 * 2. Where nothing is to be asked nothing is waited for.
 * 3. When the gate is done, however it ends, nothing of it goes on.
 * 4. It ends: every sign is looked at for a limited time, whatever happens to the clock meanwhile.
 */

export interface HealthSurroundings {
  readonly services: Pick<Services, 'state'>
  readonly printer: Pick<Printer, 'state'>
  readonly commands: Commands
  readonly probe: HttpProbe
  readonly files: Pick<Files, 'stat'>
  readonly clock: Clock
}

/** What was seen before the update, by Sign.key. JSON; what could not be known is in neither. */
export type HealthBefore = {
  readonly worked: readonly string[]
  readonly broken: readonly string[]
}

/** Whether what was updated lives: that a command succeeded says nothing about it. */
export interface HealthGate {
  /**
   * Before the first step. Takes a second or so; 30 when the health command hangs, and 10 when a service was
   * restarted by itself since it was started: then it is seen whether it is in a crash loop already.
   * @throws the signal's reason when it is aborted, nothing else
   */
  observe(subject: HealthSubject, signal: AbortSignal): Promise<HealthBefore>
  /**
   * After the last step. Takes the settle time when all is well, and 2 minutes at most beyond it when not.
   * Something is told every 10 seconds.
   * @throws health_failed with what failed, and where to look; the signal's reason when it is aborted
   */
  prove(
    subject: HealthSubject,
    before: HealthBefore,
    context: { readonly signal: AbortSignal; readonly progress: Progress },
  ): Promise<void>
}

const pollInterval = 1_000
const tellInterval = 10_000

const signsOf = (subject: HealthSubject, outside: HealthSurroundings): readonly Sign[] => {
  const { services, files, command, url, klipper } = subject
  const settleTime = subject.settleTime * 1000
  return [
    ...files.map((file) => fileSign(file, outside.files)),
    ...services.map((service) => serviceSign(service, settleTime, outside.services, outside.clock)),
    ...(klipper ? [klipperSign(settleTime, outside.printer)] : []),
    ...(url === null ? [] : [urlSign(url, settleTime, outside.probe)]),
    ...(command === null ? [] : [commandSign(command, settleTime, outside.commands)]),
  ]
}

/** Tells at most every 10 seconds what is still waited for. */
class Teller {
  readonly waitingFor = new Set<string>()
  private toldAt = 0

  constructor(private readonly progress: Progress) {}

  tick(passed: number): void {
    if (passed - this.toldAt < tellInterval) return
    this.toldAt = passed
    this.progress(`Still looking at ${[...this.waitingFor].join(', ')} after ${inSeconds(passed)}...`)
  }
}

/**
 * Looks until there is nothing more to wait for. The clock of a printer jumps by months when it learns the time: a
 * round counts as no shorter than its wait, and as no longer than its wait and one look.
 */
const lookOn = async (sign: Sign, clock: Clock, teller: Teller, signal: AbortSignal): Promise<void> => {
  const look = sign.watch()
  let passed = 0
  let at = clock.now()
  while (!(await look(passed, signal))) {
    signal.throwIfAborted()
    teller.tick(passed)
    await clock.wait(pollInterval, signal)
    const now = clock.now()
    passed += Math.min(Math.max(now - at, pollInterval), sign.limit + pollInterval)
    at = now
  }
  teller.waitingFor.delete(sign.what)
}

/** All at once; the first that throws ends the others, which are waited for. */
const sideBySide = async (
  works: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> => {
  const failures: unknown[] = []
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const guarded = async (work: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    try {
      await work(either)
    } catch (thrown) {
      failures.push(thrown)
      failed.abort()
    }
  }
  await Promise.all(works.map(guarded))
  if (failures.length > 0) throw failures[0]
}

export const createHealthGate = (outside: HealthSurroundings): HealthGate => ({
  async observe(subject, signal) {
    const signs = signsOf(subject, outside)
    const worked = new Map<string, boolean | null>()
    const work = (sign: Sign) => async (either: AbortSignal) =>
      void worked.set(sign.key, await sign.before(either))
    await sideBySide(signs.map(work), signal)
    const keys = (wanted: boolean): string[] =>
      signs.map(({ key }) => key).filter((key) => worked.get(key) === wanted)
    return { worked: keys(true), broken: keys(false) }
  },

  async prove(subject, before, { signal, progress }) {
    const signs = signsOf(subject, outside)
    for (const { what, broken } of signs.filter(({ key }) => before.broken.includes(key)))
      progress(`Not looking at ${what}: ${broken} before the update`)
    const asked = signs.filter(({ key }) => before.worked.includes(key))
    if (asked.length === 0) return
    const teller = new Teller(progress)
    for (const { what } of asked) teller.waitingFor.add(what)
    progress(`Looking whether ${subject.name} works: ${[...teller.waitingFor].join(', ')}...`)
    const work = (sign: Sign) => (either: AbortSignal) => lookOn(sign, outside.clock, teller, either)
    await sideBySide(asked.map(work), signal)
  },
})
