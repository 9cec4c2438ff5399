import type { Options } from './command.js'
import { sendImage } from './image-transfer.js'
import type { CliIo } from './io.js'
import { CliFailure, exitCodes } from './io.js'
import { absolute } from './place.js'
import { ProgressView } from './progress.js'
import { withServer } from './session.js'
import { oneLine } from './terminal-text.js'
import { webAddressOf } from './web-address.js'

/** The image of --image: one that the server has, by its number, or a file, which is sent first. @throws CliFailure */
export const imageOf = async (options: Options, io: CliIo): Promise<{ readonly image?: number }> => {
  const { image: named } = options
  if (named === undefined) return {}
  if (options.version !== undefined)
    throw new CliFailure(exitCodes.usage, '--version does not go with --image: an image has its versions.')
  if (/^[1-9]\d{0,14}$/.test(named)) return { image: Number(named) }
  const view = new ProgressView(io)
  const image = await withServer(io, options, async (client) => {
    view.begin('sending the image')
    try {
      return await sendImage(client, await webAddressOf(client, options, io), absolute(named, io))
    } finally {
      view.end()
    }
  })
  io.out(`${oneLine(named)} is image ${image} now.\n`)
  return { image }
}
