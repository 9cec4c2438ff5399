import type { StatusView } from '../applications.js'
import { readStatus } from '../applications.js'
import type { Command } from '../command.js'
import { placeOptions } from '../command.js'
import type { ExitCode } from '../io.js'
import { exitCodes } from '../io.js'
import { withServer } from '../session.js'
import { statusTable } from '../status-table.js'
import { printableJson } from '../terminal-text.js'

/** What is wrong counts more than what is new. */
const checkCode = (status: StatusView): ExitCode => {
  const conditions = status.applications.map((application) => application.condition)
  if (conditions.includes('invalid')) return exitCodes.invalidApplication
  return conditions.includes('behind') ? exitCodes.updatesAvailable : exitCodes.done
}

const nextStep = (status: StatusView): string => {
  if (status.busy) return '\nAn operation is running: `moonkeeper log -f` shows what goes on.\n'
  const waiting = status.applications.some((application) => application.condition === 'behind')
  return waiting ? '\nInstall what is new with `moonkeeper upgrade`, or `moonkeeper upgrade NAME`.\n' : ''
}

export const status: Command = {
  usage: 'status [--json] [--check]',
  summary: 'show what is installed, and what is new',
  details: [
    '--json    print what the server answered',
    '--check   exit with 10 when updates are available, 11 when an application cannot be updated as it is',
    '',
    'It shows what was seen last; `moonkeeper refresh` looks again.',
  ],
  options: ['json', 'check', ...placeOptions],
  arguments: { least: 0, most: 0 },
  run: async ({ options }, io) => {
    const result = await withServer(io, options, (client) => client.call('machine.update.status', {}))
    const view = readStatus(result)
    io.out(options.json === true ? `${printableJson(result)}\n` : statusTable(view, io) + nextStep(view))
    return options.check === true ? checkCode(view) : exitCodes.done
  },
}
