import { History } from '../../engine/history.js'
import { systemFiles } from '../../system/files.js'
import type { Command, Input, Options } from '../command.js'
import { placeOptions } from '../command.js'
import { historyTable } from '../history-table.js'
import type { CliIo, ExitCode } from '../io.js'
import { CliFailure, exitCodes } from '../io.js'
import { countOf } from '../option-values.js'
import { readPages } from '../pages.js'
import { keptDataOf } from '../place.js'
import { withServer } from '../session.js'
import { printable, printableJson } from '../terminal-text.js'

const usualCount = 20

interface Page {
  readonly entries: readonly unknown[]
  readonly total: number
}

const show = async (name: string | undefined, options: Options, io: CliIo): Promise<ExitCode> => {
  const question = {
    method: 'machine.update.history',
    params: name === undefined ? {} : { name },
    list: 'entries',
    count: countOf(options.count, usualCount),
    offset: 0,
  }
  const answer = await withServer(io, options, (client) => readPages<Page>(client, question))
  io.out(options.json === true ? `${printableJson(answer)}\n` : historyTable(answer.entries))
  const left = answer.total - answer.entries.length
  if (options.json !== true && left > 0) io.out(`\n${left} more: see them with -n ${answer.total}.\n`)
  return exitCodes.done
}

/** Listens to nobody: verifying writes no log. */
const noLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

const checkPlace = ({ url, unixsocket, count }: Options): void => {
  if (count !== undefined) throw new CliFailure(exitCodes.usage, 'history verify reads all: it takes no -n.')
  if (url === undefined && unixsocket === undefined) return
  const hint = 'Name the data folder with -d, on the machine where it is.'
  throw new CliFailure(exitCodes.usage, `history verify reads the files in the data folder. ${hint}`)
}

const verify = async (options: Options, io: CliIo): Promise<ExitCode> => {
  checkPlace(options)
  const { folder, doubt } = await keptDataOf(options, io)
  if (doubt !== null) {
    io.err(printable(`The configuration cannot be read, so this is about ${folder}. ${doubt}\n`))
  }
  if ((await systemFiles.stat(folder)) === null) {
    throw new CliFailure(exitCodes.failed, `There is no folder ${folder}. Name the data folder with -d.`)
  }
  const found = await new History(folder, systemFiles, noLog).verify()
  const { ok, entries, problem } = found
  if (options.json === true) io.out(`${printableJson({ folder, ...found })}\n`)
  else if (ok) io.out(printable(`${folder}: ${entries} entries, none was changed, none is missing.\n`))
  else io.out(printable(`${folder}: ${problem?.text ?? ''}\n`))
  return ok ? exitCodes.done : exitCodes.failed
}

export const history: Command = {
  usage: 'history [NAME | verify]',
  summary: 'show what was done, or look whether that record was changed',
  details: [
    'NAME               only of this application',
    `-n, --count COUNT  so many entries (else ${usualCount})`,
    '--json             print what the server answered',
    '',
    'history verify     read the record in the data folder, also while no server runs: exit with 1 when a line was',
    '                   changed, or is missing',
  ],
  options: ['count', 'json', ...placeOptions],
  arguments: { least: 0, most: 1 },
  run: ({ arguments: [name], options }: Input, io) =>
    name === 'verify' ? verify(options, io) : show(name, options, io),
}
