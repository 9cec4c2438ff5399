import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { pipeline } from 'node:stream/promises'
import type { Image, MachineUpdateImagesListResult } from '../contract/generated/types.js'
import { CliFailure, exitCodes } from './io.js'
import type { RpcClient } from './rpc-client.js'
import type { WebAddress } from './web-address.js'

/** How often a connection that was cut is tried again. */
const attempts = 5
/** Milliseconds between two questions how far it is. */
const pause = 200

const textOf = async (answer: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of answer as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

interface Body {
  readonly error?: { readonly message?: unknown; readonly data?: { readonly detail?: unknown } }
  readonly result?: unknown
}

const bodyOf = (text: string): Body => {
  try {
    return (JSON.parse(text) ?? {}) as Body
  } catch {
    return {}
  }
}

const refusal = (answer: IncomingMessage, text: string): CliFailure => {
  const { error } = bodyOf(text)
  const told = [error?.data?.detail, error?.message].find((one) => typeof one === 'string' && one !== '')
  return new CliFailure(exitCodes.failed, typeof told === 'string' ? told : `HTTP ${answer.statusCode ?? 0}`)
}

const begin = (
  { base, headers }: WebAddress,
  method: string,
  path: string,
  more: Readonly<Record<string, string | number>> = {},
) => {
  const request = base.startsWith('https:') ? httpsRequest : httpRequest
  return request(`${base}${path}`, { method, headers: { ...headers, ...more } })
}

/** Sends the file from a byte on. @throws CliFailure for a refusal; what a connection that is cut throws */
const sendFrom = async (
  address: WebAddress,
  file: string,
  size: number,
  begun: Pick<Image, 'id' | 'received'> | null,
): Promise<Image> => {
  const start = begun?.received ?? 0
  const sending = begin(
    address,
    'POST',
    `/machine/update/images/upload${begun === null ? '' : `?id=${begun.id}`}`,
    {
      'Content-Type': 'application/octet-stream',
      'Content-Length': size - start,
      'Content-Range': `bytes ${start}-${size - 1}/${size}`,
    },
  )
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sending.once('response', resolve)
    sending.once('error', reject)
  })
  // A refusal may come before all is sent: that the rest cannot be is no news then.
  const sent = pipeline(createReadStream(file, { start }), sending).catch(() => undefined)
  const answer = await answered
  await sent
  const text = await textOf(answer)
  if (answer.statusCode !== 201) throw refusal(answer, text)
  return bodyOf(text).result as Image
}

/** What the server has of an upload that was cut; null when it has nothing. */
const begunAt = async (client: RpcClient, size: number): Promise<Image | null> => {
  const { images } = (await client.call('machine.update.images.list', {})) as MachineUpdateImagesListResult
  const last = images.at(-1)
  return last?.state === 'UPLOADING' && last.size === size ? last : null
}

const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, pause))

const settled = async (client: RpcClient, id: number): Promise<Image> => {
  for (;;) {
    const image = (await client.call('machine.update.images.get', { id })) as Image
    if (image.state !== 'UPLOADING' && image.state !== 'VALIDATING') return image
    await wait()
  }
}

/**
 * Sends an image, goes on where the connection was cut, and waits until it was looked at.
 * @returns its id
 * @throws CliFailure when it is refused
 */
export const sendImage = async (client: RpcClient, address: WebAddress, file: string): Promise<number> => {
  const { size } = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    throw new CliFailure(exitCodes.usage, `${file} cannot be read (${cause.code ?? 'error'}).`, cause)
  })
  let begun: Image | null = null
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { id } = await sendFrom(address, file, size, begun)
      const image = await settled(client, id)
      if (image.state === 'VALID') return id
      throw new CliFailure(exitCodes.failed, image.state_description)
    } catch (thrown) {
      if (thrown instanceof CliFailure || attempt === attempts) throw thrown
      await wait()
      begun = await begunAt(client, size)
    }
  }
}

/** Brings the image that was made last to a file. @throws CliFailure */
export const bringImage = async (address: WebAddress, target: string): Promise<void> => {
  const asking = begin(address, 'GET', '/machine/update/images/built')
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asking.once('response', resolve)
    asking.once('error', reject)
  })
  asking.end()
  const answer = await answered
  if (answer.statusCode !== 200) throw refusal(answer, await textOf(answer))
  await pipeline(answer, createWriteStream(target))
}
