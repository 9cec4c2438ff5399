import type { Command } from '../command.js'
import { placeOptions } from '../command.js'
import { operate } from './operate.js'

export const rollback: Command = {
  usage: 'rollback NAME',
  summary: 'go back to the version before the last update',
  details: ['Local edits are carried over.'],
  options: placeOptions,
  arguments: { least: 1, most: 1 },
  run: async (input, io) => {
    const [name = ''] = input.arguments
    const operation = { method: 'machine.update.rollback', params: { name }, application: `rollback_${name}` }
    return operate(operation, `${name} runs its earlier version already.`, input, io)
  },
}
