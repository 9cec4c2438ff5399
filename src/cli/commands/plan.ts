import type { Plan } from '../../contract/generated/types.js'
import type { Command, Input, Options } from '../command.js'
import { placeOptions } from '../command.js'
import type { CliIo } from '../io.js'
import { CliFailure, columnsOf, exitCodes } from '../io.js'
import { imageOf } from '../image-choice.js'
import { namesOf, refuseVersionOfMany } from '../names.js'
import { oneOf } from '../option-values.js'
import { planText } from '../plan-text.js'
import { ProgressView } from '../progress.js'
import { withServer } from '../session.js'
import { commandLine } from '../shell-words.js'
import { printableJson } from '../terminal-text.js'

const goals = ['upgrade', 'rollback', 'recover'] as const
type Goal = (typeof goals)[number]

const paramsOf = (names: readonly string[], goal: Goal, options: Options): object => {
  for (const name of ['hard', 'update-deps'] as const)
    if (options[name] === true && goal !== 'recover')
      throw new CliFailure(exitCodes.usage, `--${name} goes with --goal recover.`)
  if (options.version !== undefined && goal === 'recover')
    throw new CliFailure(exitCodes.usage, 'A recovery goes to no other version: it takes no --version.')
  refuseVersionOfMany(names, options)
  return {
    ...namesOf(names),
    goal,
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.hard === true ? { hard: true } : {}),
    ...(options['update-deps'] === true ? { update_deps: true } : {}),
  }
}

/** null where no single command does it: only upgrades take several applications. */
const acceptCommand = (
  { hash }: Plan,
  names: readonly string[],
  goal: Goal,
  options: Options,
  { image }: { readonly image?: number },
): string | null => {
  if (goal !== 'upgrade' && names.length !== 1) return null
  const version = options.version === undefined ? [] : ['--version', options.version]
  const from = image === undefined ? [] : ['--image', String(image)]
  const flags = (['hard', 'update-deps'] as const).filter((name) => options[name] === true)
  const how = flags.map((name) => `--${name}`)
  return commandLine([goal, ...names, ...version, ...from, ...how, '--plan-hash', hash], options)
}

const ask = async (params: object, options: Options, io: CliIo): Promise<Plan> => {
  const view = new ProgressView(io)
  return withServer(io, options, async (client) => {
    view.begin('looking what would happen')
    try {
      return (await client.call('machine.update.plan', params)) as Plan
    } finally {
      view.end()
    }
  })
}

export const plan: Command = {
  usage: 'plan [NAME...] [options]',
  summary: 'show what would happen, and change nothing',
  details: [
    'NAME...       only these applications',
    '--version V   to this version, of `moonkeeper versions NAME`; with one NAME',
    '--image FILE|ID from an update image: a file is sent, a number names one that is there',
    '--goal GOAL   of an upgrade (as always when nothing is said), a rollback, or to recover',
    '--hard        with --goal recover: everything anew',
    '--update-deps with --goal recover: all that it depends on is installed again',
    '--json        print what the server answered',
    '',
    'What would be removed stands first. It ends with the hash that names all of this, and the command that accepts it.',
  ],
  options: ['version', 'image', 'goal', 'hard', 'update-deps', 'json', ...placeOptions],
  arguments: { least: 0, most: Infinity },
  run: async ({ arguments: names, options }: Input, io) => {
    const goal = oneOf('goal', options.goal ?? 'upgrade', goals)
    const image = await imageOf(options, io)
    const answer = await ask({ ...paramsOf(names, goal, options), ...image }, options, io)
    const look = { colour: io.colour, columns: io.terminal ? columnsOf(io) : Infinity }
    const text = (): string => planText(answer, acceptCommand(answer, names, goal, options, image), look)
    io.out(options.json === true ? `${printableJson(answer)}\n` : text())
    return exitCodes.done
  },
}
