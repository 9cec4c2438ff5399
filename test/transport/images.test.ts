import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { Images } from '../../src/images/images.js'
import { createDownloads } from '../../src/system/download.js'
import { systemClock } from '../../src/system/clock.js'
import { systemFiles } from '../../src/system/files.js'
import { systemHttp } from '../../src/system/http.js'
import type { Image } from '../../src/contract/generated/types.js'
import { temporaryFolder } from '../support/folder.js'
import { imageParts, makeImage } from '../support/image.js'
import { createSigner } from '../support/minisign.js'
import { fakeApp } from '../support/rpc.js'
import { ask, serve, type HttpReply } from '../support/socket.js'
import { silentLog } from '../support/surroundings.js'

const signer = createSigner()
const content = makeImage(imageParts(), signer)
const upload = '/machine/update/images/upload'
const octets = { 'Content-Type': 'application/octet-stream' }

interface Bench {
  readonly port: number
  readonly images: Images
  readonly left: () => readonly string[]
  ask(verb: string, at: string, headers?: Record<string, string>, body?: string | Buffer): Promise<HttpReply>
}

const open = async (t: TestContext, maxSize = 1 << 20): Promise<Bench> => {
  const folder = path.join(await temporaryFolder(t), 'images')
  const images = new Images({
    folder,
    files: systemFiles,
    downloads: createDownloads({ http: systemHttp, files: systemFiles, clock: systemClock }),
    clock: systemClock,
    log: silentLog,
    rules: () => ({ signingKeys: [signer.publicKey], allowUnsigned: false, maxSize, architecture: 'x64' }),
    hosts: () => [],
    minFreeSpace: () => 0,
    inUse: () => false,
  })
  await images.load()
  const served = await serve({ ...fakeApp(), images })
  t.after(async () => {
    await images.stop()
    await served.stop()
  })
  const left = (): readonly string[] =>
    existsSync(folder) ? readdirSync(folder).filter((name) => !name.includes('index.json')) : []
  return { port: served.port, images, left, ask: (...what) => ask(served.port, ...what) }
}

const resultOf = ({ json }: HttpReply): Image => (json as { result: Image }).result
const codeOf = ({ json }: HttpReply): unknown =>
  (json as { error: { data: { code: unknown } } }).error.data.code

const settled = async (bench: Bench, id: number): Promise<Image> => {
  for (;;) {
    const image = resultOf(await bench.ask('GET', `/machine/update/images/item?id=${id}`))
    if (image.state !== 'UPLOADING' && image.state !== 'VALIDATING') return image
  }
}

test('an image is sent, listed, told of and deleted', async (t) => {
  const bench = await open(t)
  const reply = await bench.ask('POST', upload, octets, content)
  assert.equal(reply.status, 201)
  const { id } = resultOf(reply)
  assert.equal((await settled(bench, id)).state, 'VALID')
  const listed = (await bench.ask('GET', '/machine/update/images/list')).json as {
    result: { images: Image[] }
  }
  assert.deepEqual(
    listed.result.images.map((image) => image.id),
    [id],
  )
  const gone = await bench.ask('DELETE', `/machine/update/images/item?id=${id}`)
  assert.deepEqual([gone.status, gone.json], [200, { result: 'ok' }])
  assert.equal((await bench.ask('GET', `/machine/update/images/item?id=${id}`)).status, 404)
  assert.deepEqual(bench.left(), [])
})

test('what is no image file, or no piece of one, is refused before anything is written', async (t) => {
  const bench = await open(t)
  const refused: readonly [Record<string, string>, string, number, string][] = [
    [{ 'Content-Type': 'multipart/form-data; boundary=x' }, '', 415, 'unsupported_type'],
    [{}, '', 415, 'unsupported_type'],
    [{ ...octets, 'Content-Range': 'bytes 5-4/9' }, '', 400, 'bad_argument'],
    [{ ...octets, 'Content-Range': 'bytes 0-9/5' }, '', 400, 'bad_argument'],
    [{ ...octets, 'Content-Range': 'bytes 3-9/20' }, '', 409, 'upload_mismatch'],
    [octets, '?id=1', 400, 'bad_argument'],
    [{ ...octets, 'Content-Range': 'bytes 0-9/20' }, '?id=x', 400, 'bad_argument'],
    [{ ...octets, 'Content-Range': 'bytes 0-9/20' }, '?id=7', 404, 'unknown_image'],
    [{ ...octets, 'Content-Range': `bytes 0-9/${2 ** 40}` }, '', 413, 'too_large'],
  ]
  for (const [headers, query, status, code] of refused) {
    const reply = await bench.ask('POST', upload + query, headers, content)
    assert.deepEqual([reply.status, codeOf(reply)], [status, code], JSON.stringify(headers))
  }
  assert.deepEqual([bench.images.list(), bench.left()], [[], []])
})

test('one that is too large is refused, also when it does not say so', async (t) => {
  const bench = await open(t, 1000)
  const told = await bench.ask('POST', upload, octets, content)
  assert.deepEqual([told.status, codeOf(told)], [413, 'too_large'])
  const silent = begin(bench, octets)
  silent.end(content)
  assert.equal(await statusOf(silent), 413)
  assert.deepEqual(bench.left(), [])
})

const begin = ({ port }: Bench, headers: Record<string, string>): ClientRequest =>
  request({ host: '127.0.0.1', port, path: upload, method: 'POST', headers })

const statusOf = async (sent: ClientRequest): Promise<number | undefined> => {
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode
}

/** Sends the beginning, and is gone when that is here. */
const cut = async (bench: Bench, headers: Record<string, string>, id: number): Promise<void> => {
  const sending = begin(bench, headers)
  sending.on('error', () => undefined)
  sending.write(content.subarray(0, 500))
  const received = (): unknown => bench.images.list().find((image) => image.id === id)?.received
  while (received() !== 500) await new Promise((resolve) => setImmediate(resolve))
  const closed = new Promise((resolve) => sending.once('close', resolve))
  sending.destroy()
  await closed
}

test('of an upload that is cut nothing is kept, unless its client can go on', async (t) => {
  const bench = await open(t)
  const all = String(content.length)
  await cut(bench, { ...octets, 'Content-Length': all }, 1)
  assert.equal((await settled(bench, 1)).state, 'UPLOAD_ERROR')
  assert.deepEqual(bench.left(), [])
  await cut(
    bench,
    { ...octets, 'Content-Length': all, 'Content-Range': `bytes 0-${content.length - 1}/${all}` },
    2,
  )
  const range = { ...octets, 'Content-Range': `bytes 500-${content.length - 1}/${all}` }
  for (;;) {
    const reply = await bench.ask('POST', `${upload}?id=2`, range, content.subarray(500))
    // The door may not have seen yet that the first one is gone.
    if (reply.status === 503) continue
    assert.equal(reply.status, 201, reply.body)
    break
  }
  assert.equal((await settled(bench, 2)).state, 'VALID')
})

test('the second of two at once is told that it must wait', async (t) => {
  const bench = await open(t)
  const sending = begin(bench, octets)
  sending.write(content.subarray(0, 100))
  while (bench.images.list().at(-1)?.received !== 100) await new Promise((resolve) => setImmediate(resolve))
  const second = await bench.ask('POST', upload, octets, content)
  assert.deepEqual([second.status, codeOf(second)], [503, 'busy'])
  sending.end(content.subarray(100))
  assert.equal(await statusOf(sending), 201)
  assert.equal((await settled(bench, 1)).state, 'VALID')
})
