import type { MachineUpdatePinResult } from '../../contract/generated/types.js'
import type { Command } from '../command.js'
import { placeOptions } from '../command.js'
import { CliFailure, exitCodes } from '../io.js'
import { withServer } from '../session.js'
import { oneLine } from '../terminal-text.js'

export const pin: Command = {
  usage: 'pin NAME VERSION | --off',
  summary: 'keep an application at a version, or let it go on',
  details: ['VERSION   of `moonkeeper versions NAME`: an upgrade ends there', '--off     pinned no more'],
  options: ['off', ...placeOptions],
  arguments: { least: 1, most: 2 },
  run: async ({ arguments: [name = '', version], options }, io) => {
    const off = options.off === true
    if (off === (version !== undefined))
      throw new CliFailure(exitCodes.usage, `Give either a VERSION or --off: moonkeeper ${pin.usage}`)
    const params = { name, version: version ?? null }
    const { pinned } = (await withServer(io, options, (client) =>
      client.call('machine.update.pin', params),
    )) as MachineUpdatePinResult
    const told =
      pinned === null
        ? `${name} is not pinned: an upgrade takes the newest version.`
        : `${name} is pinned to ${version ?? pinned} (${pinned}): an upgrade ends there.`
    io.out(`${oneLine(told)}\n`)
    return exitCodes.done
  },
}
