import type { Command } from '../command.js'
import { placeOptions } from '../command.js'
import { operate } from './operate.js'

export const recover: Command = {
  usage: 'recover NAME [--hard]',
  summary: 'bring a damaged, edited or diverged repository back',
  details: ['--hard   clone it anew instead of resetting it', '', 'Local edits are kept as a patch.'],
  options: ['hard', ...placeOptions],
  arguments: { least: 1, most: 1 },
  run: async (input, io) => {
    const [name = ''] = input.arguments
    const params = { name, hard: input.options.hard === true }
    const operation = { method: 'machine.update.recover', params, application: `recover_${name}` }
    return operate(operation, `There was nothing to recover in ${name}.`, input, io)
  },
}
