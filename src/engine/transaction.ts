import path from 'node:path'
import type { Goal, Json, Plan, Step, StepContext } from '../updaters/contract.js'
import { planFormat, type JournalEntry } from './journal.js'

export type JournalPart = JournalEntry['parts'][number]

/** One application's share of an operation: what the journal holds of it, and its plan. */
export interface Part {
  readonly record: JournalPart
  readonly plan: Plan
}

export const goalOf = (record: JournalPart): Goal => record.goal as unknown as Goal

/** What the journal holds of an application before its plan is begun. */
export const recordOf = (
  { name, type, options }: { readonly name: string; readonly type: string; readonly options: Json },
  goal: Goal,
  saved: Json,
): JournalPart => ({ application: name, type, options, goal, saved }) as unknown as JournalPart

/** A part sees its own steps and its own folder, as if it were alone. */
const narrow = (part: Part, index: number, context: StepContext): StepContext => ({
  ...context,
  workFolder: path.join(context.workFolder, String(index)),
  begun: (step) => context.begun(nameIn(part, step)),
})

const nameIn = ({ record }: Part, step: string): string => `${record.application}: ${step}`

/** Whose step it is, by its name among all. */
export const ownerOf = (step: string): string => step.slice(0, step.indexOf(': '))

const bind = (part: Part, index: number, step: Step): Step => {
  const run: Step['run'] = async (context) => step.run?.(narrow(part, index, context))
  const undo: Step['undo'] = async (context) => step.undo?.(narrow(part, index, context))
  const conclude = step.conclude?.bind(step)
  return {
    ...step,
    name: nameIn(part, step.name),
    ...(step.run && { run }),
    undo,
    ...(conclude && { conclude: (context) => conclude(narrow(part, index, context)) }),
  }
}

const bindAll = (parts: readonly Part[], choose: (plan: Plan) => readonly Step[]): readonly Step[] =>
  parts.flatMap((part, index) => choose(part.plan).map((step) => bind(part, index, step)))

/** All steps, part after part. */
export const stepsOf = (parts: readonly Part[]): readonly Step[] => bindAll(parts, (plan) => plan.steps)

/** What follows the commit line for one part. */
export const cleanupOf = (part: Part): readonly Step[] => bindAll([part], (plan) => plan.cleanup)

/** The journal of parts whose first step did not run yet. */
export const entryFor = (id: string, version: string, parts: readonly Part[]): JournalEntry => ({
  version,
  format: planFormat,
  id,
  parts: parts.map((part) => part.record),
  steps: stepsOf(parts).map((step) => step.name),
  at: 0,
  phase: 'running',
  attempts: 0,
})

/** What a part would have in the journal alone. */
export const entryOfPart = (entry: JournalEntry, part: Part): JournalEntry => ({
  ...entry,
  parts: [part.record],
  steps: stepsOf([part]).map((step) => step.name),
})
