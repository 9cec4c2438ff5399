import type { Command } from '../command.js'
import { placeOptions } from '../command.js'
import { CliFailure, exitCodes } from '../io.js'
import { withServer } from '../session.js'
import { printableJson } from '../terminal-text.js'

const example = `moonkeeper call machine.update.refresh '{"name": "klipper"}'`

const paramsOf = (json: string): object => {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch (cause) {
    throw new CliFailure(exitCodes.usage, `The parameters are not JSON. Like this: ${example}`, cause)
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw new CliFailure(exitCodes.usage, `The parameters must be a JSON object. Like this: ${example}`)
  }
  return parsed
}

export const call: Command = {
  usage: 'call METHOD [JSON]',
  summary: 'call a method of the API and print the result as JSON',
  details: [`Like this: ${example}`, '`moonkeeper call rpc.discover` tells every method.'],
  options: placeOptions,
  arguments: { least: 1, most: 2 },
  run: async ({ arguments: [method = '', json = '{}'], options }, io) => {
    const params = paramsOf(json)
    const result = await withServer(io, options, (client) => client.call(method, params))
    io.out(`${printableJson(result)}\n`)
    return exitCodes.done
  },
}
