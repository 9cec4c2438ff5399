import { readStatus } from '../applications.js'
import type { Command } from '../command.js'
import { placeOptions } from '../command.js'
import { exitCodes } from '../io.js'
import { ProgressView } from '../progress.js'
import { withServer } from '../session.js'
import { statusTable } from '../status-table.js'
import { printableJson } from '../terminal-text.js'

export const refresh: Command = {
  usage: 'refresh [NAME] [--json]',
  summary: 'look for updates now',
  details: ['NAME     only of this application', '--json   print what the server answered'],
  options: ['json', ...placeOptions],
  arguments: { least: 0, most: 1 },
  run: async ({ arguments: [name], options }, io) => {
    const view = new ProgressView(io)
    const result = await withServer(io, options, async (client) => {
      view.begin('looking for updates')
      try {
        return await client.call('machine.update.refresh', name === undefined ? {} : { name })
      } finally {
        view.end()
      }
    })
    if (options.json === true) {
      io.out(`${printableJson(result)}\n`)
      return exitCodes.done
    }
    const all = readStatus(result)
    const asked = all.applications.filter((application) => name === undefined || application.name === name)
    io.out(statusTable({ ...all, applications: asked }, io))
    return exitCodes.done
  },
}
