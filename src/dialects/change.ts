import { plainChange, type Change } from '../engine/change.js'
import type { Job } from '../contract/generated/types.js'
import { askerOf } from '../methods/parameters/change.js'
import type { Call } from '../methods/context.js'
import { admit } from '../rpc/admission.js'

type Asked = Partial<Omit<Change, 'goal' | 'names' | 'askedBy' | 'alone'>>

/**
 * Asks the engine for what Moonraker's methods ask it for, but waits behind nothing: these APIs know one update at a time.
 * @param alone false for what follows something of the same request
 * @throws already_running when another job is under way, printing, and what refuses or fails every change
 */
export const change = async (
  call: Call,
  goal: Change['goal'],
  names: readonly string[],
  asked: Asked = {},
  alone = true,
): Promise<Job | null> => {
  const { engine } = call.app
  admit(call.caller, 'update', 'an update')
  await engine.refuseWhilePrinting(goal)
  return engine.change({ ...plainChange(goal, names, askerOf(call)), ...asked, alone })
}
