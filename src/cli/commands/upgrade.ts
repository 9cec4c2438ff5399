import type { Command } from '../command.js'
import { placeOptions } from '../command.js'
import { operate } from './operate.js'

export const upgrade: Command = {
  usage: 'upgrade [NAME]',
  summary: 'install the newest version of one application, or of all',
  details: [
    'NAME   only this application',
    '',
    'When an update fails, the old version is back afterwards, and the exit code is 1.',
  ],
  options: placeOptions,
  arguments: { least: 0, most: 1 },
  run: async (input, io) => {
    const [name] = input.arguments
    const method = 'machine.update.upgrade'
    return name === undefined
      ? operate({ method, params: {}, application: 'full' }, 'Everything is up to date.', input, io)
      : operate({ method, params: { name }, application: name }, `${name} is up to date.`, input, io)
  },
}
