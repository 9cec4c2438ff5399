import type { Application } from '../engine/application.js'
import { interruptedForLong, recoverFromCrash, type Outcome } from '../engine/crash-recovery.js'
import { plainChange } from '../engine/change.js'
import type { Journal } from '../engine/journal.js'
import type { Restarts } from '../engine/restarts.js'
import type { JournalPart } from '../engine/transaction.js'
import type { UpdateEngine } from '../engine/update-engine.js'
import type { Packages } from '../machine/packages/packages.js'
import { systemClock } from '../system/clock.js'
import type { Log } from '../system/log.js'
import type { Updater } from '../updaters/contract.js'
import type { Notices } from './notices.js'

export interface MendingSetup {
  readonly engine: UpdateEngine
  readonly journal: Journal
  readonly restarts: Restarts
  readonly version: string
  readonly log: Log
  readonly notices: Notices
  readonly packages: () => Packages | null
  readonly rebuild: (record: JournalPart) => Updater | null
  readonly application: (name: string) => Application | null
  /** What is configured may be complete only now. */
  readonly changed: () => Promise<void>
}

/** What a crash, or somebody else's, left half done. */
export interface Mending {
  /** Before the doors open: finishes or undoes what was under way, unless that may take long. */
  first(): Promise<void>
  /** When everything else was started. Never throws. */
  later(): Promise<void>
}

const asker = 'start'

export const createMending = (setup: MendingSetup): Mending => {
  const { engine, log, notices } = setup
  const outside = { ...setup, clock: systemClock }
  let left: string | null = null

  const note = async (outcome: Outcome): Promise<void> => {
    if (outcome === null) return
    log.warn({ job: outcome.job, state: outcome.state }, outcome.text)
    notices.set('recovery', outcome.text)
    // A folder that was missing in the middle of an operation is there again: its section is no broken one any more.
    await setup.changed()
  }

  const conclude = async (id: string): Promise<void> => {
    let found: Outcome = null
    await engine.conclude(id, async (progress, tell) => {
      found = await recoverFromCrash({ ...outside, progress, tell })
    })
    await note(found)
  }

  /** As an operation that people see, when no print runs; without the right to it the status tells what to do. */
  const mendPackages = async (): Promise<void> => {
    const system = setup.application('system')
    const provider =
      (await setup
        .packages()
        ?.provider()
        .catch(() => null)) ?? null
    if (system === null || provider === null) return
    const unfinished = await provider.unfinished()
    if (unfinished.length === 0) return
    log.warn({ packages: unfinished }, 'packages are half installed')
    if (!(await provider.mayRepair())) return
    const recovery = plainChange('recover', [system.name], asker)
    await engine.change({ ...recovery, hard: true, background: true, when: 'idle' })
  }

  return {
    async first() {
      const found = await setup.journal.read()
      left = interruptedForLong(found, outside)
      if (left !== null) return engine.resume(null, left)
      await note(await recoverFromCrash({ ...outside, tell: (outcome) => engine.resume(outcome) }, found))
    },
    async later() {
      try {
        if (left !== null) await conclude(left)
        await mendPackages()
      } catch (err) {
        log.error({ err }, 'what was left half done could not be mended')
      }
    },
  }
}
