import { changeHelp, changeOptions, changeParams } from '../change-options.js'
import type { Command } from '../command.js'
import { placeOptions } from '../command.js'
import { operate } from './operate.js'

export const rollback: Command = {
  usage: 'rollback NAME [options]',
  summary: 'go back to the version before the last update, or to a kept one',
  details: [
    '--version V         a kept version, of `moonkeeper versions NAME`',
    ...changeHelp,
    '',
    'Local edits are carried over.',
  ],
  options: ['version', ...changeOptions, ...placeOptions],
  arguments: { least: 1, most: 1 },
  run: async (input, io) => {
    const [name = ''] = input.arguments
    const params = { name, ...changeParams(input.options) }
    const operation = { method: 'machine.update.rollback', params, application: `rollback_${name}` }
    const { version } = input.options
    const nothing = version === undefined ? 'its earlier version' : version
    return operate(operation, `${name} runs ${nothing} already.`, input, io)
  },
}
