/* Runs in namespaces of its own: argv names a folder on a disk of four MiB, and the file that is /etc/hosts there. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Image } from '../../src/contract/generated/types.js'
import { Images, type ImagesSetup } from '../../src/images/images.js'
import { createDownloads } from '../../src/system/download.js'
import { systemFiles } from '../../src/system/files.js'
import { systemHttp } from '../../src/system/http.js'
import { imageParts, makeImage } from './image.js'
import { createSigner } from './minisign.js'
import { quickClock } from './quick-clock.js'
import { silentLog } from './surroundings.js'

const [small = '', hosts = ''] = process.argv.slice(2)
const signer = createSigner()
const clock = quickClock()

const imagesIn = async (name: string, change: Partial<ImagesSetup> = {}): Promise<Images> => {
  const images = new Images({
    folder: path.join(small, name),
    files: systemFiles,
    downloads: createDownloads({ http: systemHttp, files: systemFiles, clock }),
    clock,
    log: silentLog,
    rules: () => ({
      signingKeys: [signer.publicKey],
      allowUnsigned: false,
      maxSize: 1 << 26,
      architecture: 'x64',
    }),
    hosts: () => ['farm.test'],
    minFreeSpace: () => 0,
    inUse: () => false,
    ...change,
  })
  await images.load()
  return images
}

const settled = async (images: Images, id: number): Promise<Image> => {
  for (;;) {
    const image = images.get(id)
    if (image.state !== 'UPLOADING' && image.state !== 'VALIDATING') return image
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const left = (name: string): readonly string[] =>
  readdirSync(path.join(small, name)).filter((one) => !one.includes('index.json'))

async function* inPieces(content: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < content.length; start += 65_536) {
    await Promise.resolve()
    yield content.subarray(start, start + 65_536)
  }
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

/** An image of so many bytes, and some more. */
const imageOf = (bytes: number): Buffer => {
  const big = randomBytes(bytes)
  const { manifest, members } = imageParts()
  const [first, second] = manifest.members
  assert.ok(first && second)
  const grown = { ...first, size: big.length, sha256: sha256(big) }
  return makeImage(
    { members: { ...members, [first.path]: big }, manifest: { ...manifest, members: [grown, second] } },
    signer,
  )
}

// Nobody sees that the disk gets full before it is.
const blind = { ...systemFiles, freeSpace: async () => Number.MAX_SAFE_INTEGER }

const whileItComes = await imagesIn('comes', { files: blind })
const large = imageOf(6 << 20)
await assert.rejects(whileItComes.receive({ content: inPieces(large), size: large.length }), {
  kind: 'no_space',
})
const [cut] = whileItComes.list()
assert.deepEqual([cut?.state, cut?.error, left('comes')], ['UPLOAD_ERROR', 'no_space', []])

const whileUnpacked = await imagesIn('unpacked', { files: blind })
const fits = imageOf(5 << 19)
const { id } = await whileUnpacked.receive({ content: inPieces(fits), size: fits.length })
const full = await settled(whileUnpacked, id)
assert.deepEqual(
  [full.state, full.error, left('unpacked')],
  ['INVALID', 'no_space', []],
  full.state_description,
)

const seeing = await imagesIn('seen')
await assert.rejects(seeing.receive({ content: inPieces(large), size: large.length }), { kind: 'no_space' })
assert.deepEqual([seeing.list(), readdirSync(small).includes('seen')], [[], false])
const warned = await seeing.receive({ content: inPieces(fits), size: fits.length })
const early = await settled(seeing, warned.id)
assert.deepEqual([early.state, early.error, left('seen')], ['INVALID', 'no_space', []])

// A name that means this machine the second time.
const inside: string[] = []
const own = createServer((request, response) => {
  inside.push(request.url ?? '')
  response.end('secret')
}).listen(0, '127.0.0.1')
await once(own, 'listening')
const { port } = own.address() as AddressInfo
const content = imageOf(400_000)
const pointTo = (address: string): void => writeFileSync(hosts, `${address} farm.test\n`)
let asked = 0
const farm = createServer((request, response) => {
  asked += 1
  response.writeHead(200, { 'Content-Length': content.length, ETag: '"1"', 'Accept-Ranges': 'bytes' })
  response.write(content.subarray(0, 100_000), () => {
    pointTo('127.0.0.1')
    request.socket.destroy()
  })
}).listen(port, '10.9.9.9')
await once(farm, 'listening')
pointTo('10.9.9.9')
const fetching = await imagesIn('fetched')
const begun = await fetching.fetch(`http://farm.test:${port}/image.zip`)
const fetched = await settled(fetching, begun.id)
assert.deepEqual([fetched.state, fetched.error], ['UPLOAD_ERROR', 'refused'], fetched.state_description)
assert.match(fetched.state_description, /farm\.test leads to 127\.0\.0\.1/)
assert.deepEqual([asked, inside, left('fetched')], [1, [], []])
own.close()
farm.close()
