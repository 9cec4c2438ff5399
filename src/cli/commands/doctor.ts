import type { DoctorReport } from '../../contract/generated/types.js'
import type { Command, Input } from '../command.js'
import { placeOptions } from '../command.js'
import { doctorText } from '../doctor-text.js'
import type { CliIo } from '../io.js'
import { CliFailure, exitCodes, interrupted } from '../io.js'
import { examineLocally } from '../local-doctor.js'
import { ProgressView } from '../progress.js'
import { withServer } from '../session.js'
import { printableJson } from '../terminal-text.js'

const examine = async ({ options }: Input, io: CliIo): Promise<DoctorReport> => {
  const fix = options.fix === true
  try {
    const params = fix ? { fix } : {}
    const report = await withServer(io, options, (client) => client.call('machine.update.doctor', params))
    return report as DoctorReport
  } catch (thrown) {
    const isSilent = thrown instanceof CliFailure && thrown.exitCode === exitCodes.noConnection
    // Another machine cannot be looked at from here.
    if (!isSilent || options.url !== undefined) throw thrown
    return examineLocally(options, io, fix, thrown.message)
  }
}

export const doctor: Command = {
  usage: 'doctor [--fix] [--json]',
  summary: 'find out what is wrong with the machine',
  details: [
    '--fix    repair what is safe, too',
    '--json   print what was found as JSON',
    '',
    'Exits with 12 when something is wrong. Works without a server, too.',
  ],
  options: ['fix', 'json', ...placeOptions],
  arguments: { least: 0, most: 0 },
  run: async (input, io) => {
    const view = new ProgressView(io)
    view.begin('looking at the machine')
    const report = await examine(input, io).finally(() => view.end())
    if (io.signal.aborted) throw interrupted()
    io.out(input.options.json === true ? `${printableJson(report)}\n` : doctorText(report))
    return report.healthy ? exitCodes.done : exitCodes.unhealthy
  },
}
