import path from 'node:path'
import { restartName } from '../../service-steps.js'
import type { Step } from '../../contract.js'
import type { Place } from '../place.js'
import { dropStaged, tidyHold } from '../staged.js'
import { discardStaged } from '../staging.js'
import type { Target } from '../state.js'

/** First in a plan, so that its undo comes last: what ran once is not as it was unpacked any more, and is not used again. */
export const guardStagedStep = (place: Place, target: Target): Step => ({
  name: 'guard what is staged',
  async undo(context) {
    if (target.from !== null || !context.begun(restartName)) return
    await dropStaged(place)
    await tidyHold(place)
  },
})

/** Last in a cleanup. */
export const dropStagedStep = (place: Place): Step => ({
  name: 'drop what was staged',
  run: () => discardStaged(place),
})

/** Dependencies are not installed yet by this updater: what people have to do by hand is said. */
export const tellDependenciesStep = (place: Place, source: string): Step => {
  const { options, outside, title, name } = place
  const wanted = [
    options.requirements,
    options.system_dependencies,
    options.install_script,
    options.enable_node_updates === true ? 'package-lock.json' : undefined,
  ].filter((file) => file !== undefined)
  const differs = async (file: string): Promise<boolean> => {
    const [one, other] = await Promise.all(
      [options.path, source].map((folder) => outside.files.readText(path.resolve(folder, file))),
    )
    return one !== other
  }
  return {
    name: 'tell dependencies',
    traceless: true,
    async run(context) {
      const changed: string[] = []
      for (const file of wanted) if (await differs(file)) changed.push(file)
      if (changed.length === 0) return
      context.progress(
        `${title} ${name}: ${changed.join(', ')} changed. Dependencies are not installed automatically yet: install ` +
          'them by hand if the application does not start.',
      )
    },
  }
}
