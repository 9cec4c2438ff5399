import { changeHelp, changeOptions, changeParams } from '../change-options.js'
import type { Command } from '../command.js'
import { placeOptions } from '../command.js'
import { imageOf } from '../image-choice.js'
import { namesOf, refuseVersionOfMany } from '../names.js'
import { operate } from './operate.js'

export const upgrade: Command = {
  usage: 'upgrade [NAME...] [options]',
  summary: 'install the newest version of all, or of those that are named',
  details: [
    'NAME...             only these applications',
    '--version V         this version, of `moonkeeper versions NAME`; with one NAME',
    '--image FILE|ID     from an update image: a file is sent, a number names one that is there',
    '--atomic            all of them or none: when one fails, all go back',
    ...changeHelp,
    '',
    'When an update fails, the old version is back afterwards, and the exit code is 1.',
  ],
  options: ['version', 'image', 'atomic', ...changeOptions, ...placeOptions],
  arguments: { least: 0, most: Infinity },
  run: async (input, io) => {
    const { arguments: names, options } = input
    refuseVersionOfMany(names, options)
    const [name] = names
    const only = names.length === 1 ? name : undefined
    const params = {
      ...namesOf(names),
      ...(await imageOf(options, io)),
      ...changeParams(options),
      ...(options.atomic === true ? { atomic: true } : {}),
    }
    const operation = { method: 'machine.update.upgrade', params, application: only ?? 'full' }
    const nothing = names.length === 0 ? 'Everything is up to date.' : `${names.join(', ')}: up to date.`
    return operate(operation, only === undefined ? nothing : `${only} is up to date.`, input, io)
  },
}
