import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { Image } from '../../src/contract/generated/types.js'
import { Images, type ImagesSetup } from '../../src/images/images.js'
import { ImageMaker } from '../../src/images/maker.js'
import { signImage } from '../../src/images/signing.js'
import { createDownloads } from '../../src/system/download.js'
import { systemFiles } from '../../src/system/files.js'
import { systemHttp } from '../../src/system/http.js'
import { makeEngine, type Bench, type Overrides } from './engine.js'
import { temporaryFolder } from './folder.js'
import { serveForge } from './forge.js'
import { signContent, type Signer } from './minisign.js'
import { quickClock } from './quick-clock.js'
import { forgeSurroundings, installWeb, project, releaseOf, webOptions } from './release-scene.js'
import { checkoutAt, git, makeUpstream } from './repositories.js'
import { gitOptions, silentLog } from './surroundings.js'

/** A checkout of master and a front end, at their newest, and what makes an image of them. */
export interface Builder {
  readonly bench: Bench
  readonly maker: ImageMaker
  readonly folder: string
  /** The checkout. */
  readonly app: string
  /** Makes an image of these, signed. */
  image(names?: readonly string[] | null): Promise<Buffer>
}

export const makeBuilder = async (
  t: TestContext,
  signer: Signer,
  outside: Overrides = {},
): Promise<Builder> => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const app = checkoutAt(upstream, path.join(folder, 'app'), 'master')
  const site = path.join(folder, 'site')
  mkdirSync(site)
  installWeb(site, 'v2.0.0')
  const forge = await serveForge(t, project, [releaseOf('v2.0.0')])
  const bench = await makeEngine(
    folder,
    { app: gitOptions(app, upstream.url), site: webOptions(site) },
    { ...forgeSurroundings(folder, forge), ...outside },
  )
  t.after(() => bench.engine.stop())
  const maker = new ImageMaker({
    folder: path.join(bench.dataFolder, 'built'),
    files: systemFiles,
    clock: quickClock(),
    pack: (...what) => bench.engine.pack(...what),
  })
  const image = async (names: readonly string[] | null = null): Promise<Buffer> => {
    const { file } = await maker.build(names, '2026.11')
    await signImage({ file, sign: (manifest) => signContent(signer, manifest), files: systemFiles })
    return readFileSync(file)
  }
  return { bench, maker, folder, app, image }
}

/** The same applications at v1.0.0, where neither remote nor forge can be reached. */
export interface CutOff {
  readonly bench: Bench
  readonly images: Images
  readonly folder: string
  readonly app: string
  readonly site: string
  /** Sends an image, and waits until it was looked at. */
  send(content: Buffer): Promise<Image>
}

/** A clone that has v1.0.0 and knows of nothing newer, and whose remote is gone. */
export const oldClone = (folder: string): { readonly app: string; readonly url: string } => {
  const upstream = makeUpstream(path.join(folder, 'remote'))
  git(upstream.url, 'update-ref', 'refs/heads/master', 'v1.0.0^{commit}')
  git(upstream.url, 'tag', '-d', 'v1.1.0')
  const app = path.join(folder, 'app')
  git(folder, 'clone', '-q', `file://${upstream.url}`, app)
  rmSync(path.join(folder, 'remote'), { recursive: true })
  return { app, url: `file://${upstream.url}` }
}

const settled = async (images: Images, id: number): Promise<Image> => {
  for (;;) {
    const image = images.get(id)
    if (image.state !== 'UPLOADING' && image.state !== 'VALIDATING') return image
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function* once(content: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve()
  yield content
}

export const makeCutOff = async (
  t: TestContext,
  signer: Signer,
  change: Partial<ImagesSetup> = {},
  outside: Overrides = {},
): Promise<CutOff> => {
  const folder = await temporaryFolder(t)
  const { app, url } = oldClone(folder)
  const site = path.join(folder, 'site')
  mkdirSync(site)
  installWeb(site)
  const nowhere = { url: 'http://127.0.0.1:9' } as Awaited<ReturnType<typeof serveForge>>
  const held: { bench?: Bench } = {}
  const images = new Images({
    folder: path.join(folder, 'data/moonkeeper/images'),
    files: systemFiles,
    downloads: createDownloads({ http: systemHttp, files: systemFiles, clock: quickClock() }),
    clock: quickClock(),
    log: silentLog,
    rules: () => ({
      signingKeys: [signer.publicKey],
      allowUnsigned: false,
      maxSize: 1 << 26,
      architecture: 'x64',
    }),
    hosts: () => [],
    minFreeSpace: () => 0,
    inUse: (id) => held.bench?.engine.usesImage(id) === true,
    ...change,
  })
  await images.load()
  const options = { app: gitOptions(app, url), site: webOptions(site) }
  const bench = await makeEngine(folder, options, {
    ...forgeSurroundings(folder, nowhere),
    images,
    ...outside,
  })
  held.bench = bench
  t.after(async () => {
    await bench.engine.stop()
    await images.stop()
  })
  const send = async (content: Buffer): Promise<Image> => {
    const { id } = await images.receive({ content: once(content), size: content.length })
    return settled(images, id)
  }
  return { bench, images, folder, app, site, send }
}
