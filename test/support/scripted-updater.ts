import type { ApplicationPlan } from '../../src/contract/generated/types.js'
import type {
  Goal,
  GoalKind,
  Json,
  Step,
  Survey,
  Updater,
  UpdaterStatus,
} from '../../src/updaters/contract.js'

/** An updater of which a test says everything. It knows one number: its version. */
export interface ScriptedUpdater extends Updater {
  /** What a survey says besides. */
  plans: Partial<ApplicationPlan>
  steps: Step[]
  /** How many kept versions can be dropped. */
  kept: number
  version: number
  /** Of this goal and what it needs. */
  onSurvey: () => void
  onDrop: () => void
}

const nothing = { install: [], upgrade: [], remove: [] }

export const scriptedUpdater = (
  name: string,
  folder: string,
  goals: readonly GoalKind[] = ['upgrade', 'rollback', 'recover'],
): ScriptedUpdater => {
  const summary = (goal: Goal): ApplicationPlan => ({
    name,
    type: 'scripted',
    goal: goal.kind,
    needed: true,
    from: { version: `v${updater.version}`, id: `${updater.version}` },
    to: { version: `v${updater.version + 1}`, id: `${updater.version + 1}` },
    downgrade: false,
    packages: nothing,
    services: [],
    edits: [],
    reversible: true,
    warnings: [],
    ...updater.plans,
  })
  const updater: ScriptedUpdater = {
    name,
    folder,
    goals,
    plans: {},
    steps: [],
    kept: 0,
    version: 1,
    onSurvey: () => undefined,
    onDrop: () => undefined,
    inspect: async () => undefined,
    async survey(goal): Promise<Survey> {
      updater.onSurvey()
      const plan = summary(goal)
      return { plan, nothing: plan.needed ? null : `${name}: nothing to do` }
    },
    prepare: async () => undefined,
    discard: async () => undefined,
    async dropOldest() {
      if (updater.kept === 0) return false
      updater.kept -= 1
      updater.onDrop()
      return true
    },
    status: () =>
      ({
        version: `v${updater.version}`,
        full_version_string: `v${updater.version}`,
        warnings: [],
      }) as unknown as UpdaterStatus,
    installed: () => ({ version: `v${updater.version}`, id: `${updater.version}` }),
    offer: () => null,
    versions: async () => ({ versions: [], total: 0 }) as never,
    pin: async () => null,
    saved: (): Json => ({ version: updater.version, kept: updater.kept }),
    restore(saved) {
      const { version = 1, kept = 0 } = saved as { version?: number; kept?: number }
      Object.assign(updater, { version, kept })
    },
    plan: () => ({
      steps: updater.steps,
      cleanup: [],
      outcome: { version: updater.version + 1, kept: updater.kept },
    }),
    failed: () => undefined,
    finished: () => `${name}: done`,
  }
  return updater
}
