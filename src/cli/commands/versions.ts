import type { Versions } from '../../contract/generated/types.js'
import type { Command } from '../command.js'
import { placeOptions } from '../command.js'
import { exitCodes } from '../io.js'
import { countOf, offsetOf } from '../option-values.js'
import { readPages } from '../pages.js'
import { withServer } from '../session.js'
import { printableJson } from '../terminal-text.js'
import { versionsTable } from '../versions-table.js'

const usualCount = 20

export const versions: Command = {
  usage: 'versions NAME',
  summary: 'show what can be had of an application, and what is kept',
  details: [
    `-n, --count COUNT  so many versions (else ${usualCount})`,
    '--offset COUNT     without so many of the newest',
    '--json             print what the server answered',
    '',
    'Any of them can be given to --version of plan, upgrade and rollback, and to pin.',
  ],
  options: ['count', 'offset', 'json', ...placeOptions],
  arguments: { least: 1, most: 1 },
  run: async ({ arguments: [name = ''], options }, io) => {
    const offset = offsetOf(options.offset)
    const question = {
      method: 'machine.update.versions',
      params: { name },
      list: 'versions',
      count: countOf(options.count, usualCount),
      offset,
    }
    const answer = await withServer(io, options, (client) => readPages<Versions>(client, question))
    io.out(options.json === true ? `${printableJson(answer)}\n` : versionsTable(answer, io))
    const end = offset + answer.versions.length
    const left = answer.total - end
    if (options.json !== true && left > 0) io.out(`\n${left} more: see them with --offset ${end}.\n`)
    return exitCodes.done
  },
}
