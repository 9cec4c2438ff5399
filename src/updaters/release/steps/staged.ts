import { restartName } from '../../service-steps.js'
import type { Step } from '../../contract.js'
import { modulesName } from '../../dependencies/node-steps.js'
import type { Place } from '../place.js'
import { dropStaged, tidyHold } from '../staged.js'
import { discardStaged } from '../staging.js'
import type { Target } from '../state.js'

/** First in a plan, so that its undo comes last: what ran once is not as it was unpacked any more, and is not used again. */
export const guardStagedStep = (place: Place, target: Target): Step => ({
  name: 'guard what is staged',
  async undo(context) {
    if (target.from !== null || ![restartName, modulesName].some((name) => context.begun(name))) return
    await dropStaged(place)
    await tidyHold(place)
  },
})

/** Last in a cleanup. */
export const dropStagedStep = (place: Place): Step => ({
  name: 'drop what was staged',
  run: () => discardStaged(place),
})
