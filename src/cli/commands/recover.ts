import { changeHelp, changeOptions, changeParams } from '../change-options.js'
import type { Command } from '../command.js'
import { placeOptions } from '../command.js'
import { operate } from './operate.js'

export const recover: Command = {
  usage: 'recover NAME [options]',
  summary: 'bring a damaged, edited or diverged repository back',
  details: [
    '--hard              clone it anew instead of resetting it',
    '--update-deps       install all that it depends on again',
    ...changeHelp,
    '',
    'Local edits are kept as a patch.',
  ],
  options: ['hard', 'update-deps', ...changeOptions, ...placeOptions],
  arguments: { least: 1, most: 1 },
  run: async (input, io) => {
    const [name = ''] = input.arguments
    const { hard, 'update-deps': all } = input.options
    const params = {
      name,
      hard: hard === true,
      ...(all === true ? { update_deps: true } : {}),
      ...changeParams(input.options),
    }
    const operation = { method: 'machine.update.recover', params, application: `recover_${name}` }
    return operate(operation, `There was nothing to recover in ${name}.`, input, io)
  },
}
