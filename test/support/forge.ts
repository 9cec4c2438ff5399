import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import { serveWeb, type Fault } from './web-server.js'
import { makeZip, type ZipEntry } from './zip.js'

/** A release as the forge has it. */
export interface TestRelease {
  readonly tag: string
  /** Default: the tag. */
  readonly name?: string
  readonly prerelease?: boolean
  /** What its authors say of it. */
  readonly body?: string | null
  readonly assets: Readonly<Record<string, Buffer | string>>
  /** Publishes a digest of the assets; 'wrong': of something else. Default: true. */
  readonly digest?: boolean | 'wrong'
}

export interface Forge {
  /** Of its API. */
  readonly url: string
  /** Newest first. */
  releases: readonly TestRelease[]
  /** How the next downloads of assets fail; null: they do not. */
  fault: Fault | null
  /** Bytes of an asset that arrived: what is cut is cut when all arrived that was sent before. */
  received: () => number
  /** A status that every question to the API gets; null: a true answer. */
  apiStatus: number | null
  /** Headers of every answer of the API. */
  headers: Readonly<Record<string, string>>
  /** What was asked for, in order. */
  readonly asked: string[]
  /** Nobody answers any more. */
  vanish(): void
}

export interface Content {
  readonly [path: string]: string | Buffer
}

/** A release's archive: index.html, what is given, and release_info.json when it is of a project. */
export const archiveOf = (
  project: string | null,
  version: string,
  more: Content = {},
  extra: readonly ZipEntry[] = [],
): Buffer => {
  const [owner, name] = project?.split('/') ?? []
  const info = { project_name: name, project_owner: owner, version }
  const contents: Content = {
    'index.html': `<html>${version}</html>`,
    'assets/app.js': `// ${version}\n`.repeat(50),
    ...(project === null ? {} : { 'release_info.json': JSON.stringify(info) }),
    ...more,
  }
  const entries = Object.entries(contents).map(([path, content]) => ({ name: path, content, mode: 0o100644 }))
  return makeZip([...entries, ...extra])
}

const bytesOf = (content: Buffer | string): Buffer => Buffer.from(content)

const wire = (base: string, { tag, name, prerelease, body, assets, digest }: TestRelease): object => ({
  tag_name: tag,
  name: name ?? tag,
  prerelease: prerelease ?? false,
  draft: false,
  published_at: '2024-01-01T00:00:00Z',
  ...(body === undefined ? {} : { body }),
  assets: Object.entries(assets).map(([asset, content]) => ({
    name: asset,
    size: bytesOf(content).length,
    browser_download_url: `${base}/download/${encodeURIComponent(tag)}/${encodeURIComponent(asset)}`,
    ...(digest === false
      ? {}
      : {
          digest: `sha256:${createHash('sha256')
            .update(digest === 'wrong' ? 'something else' : bytesOf(content))
            .digest('hex')}`,
        }),
  })),
})

/** @param start where the body begins: what goes on from there brings nothing more */
const cut = (
  response: ServerResponse,
  body: Buffer,
  fault: Exclude<Fault, { kind: 'status' }>,
  { start, received }: { readonly start: number; readonly received: () => number },
): void => {
  if (fault.kind === 'corrupt') {
    const copy = Buffer.from(body)
    copy[fault.at] = (copy[fault.at] ?? 0) ^ 0xff
    return void response.end(copy)
  }
  const after = fault.kind === 'slow' ? 1 : fault.after
  response.flushHeaders()
  if (start === 0) response.write(body.subarray(0, after))
  const timer = setInterval(() => {
    if (start === 0 && received() < after) return
    clearInterval(timer)
    if (fault.kind === 'reset') response.socket?.resetAndDestroy()
    if (fault.kind === 'end') response.socket?.end()
  }, 5)
  response.on('close', () => clearInterval(timer))
}

/** Speaks as GitHub does, of one project: releases, latest, tags, and the assets. */
export const serveForge = async (
  t: Pick<TestContext, 'after'>,
  project: string,
  releases: readonly TestRelease[],
): Promise<Forge> => {
  const answer = (response: ServerResponse, value: object | null): void => {
    const status = forge.apiStatus ?? (value === null ? 404 : 200)
    response.writeHead(status, { 'content-type': 'application/json', ...forge.headers })
    response.end(JSON.stringify(status === 200 ? value : { message: 'no' }))
  }
  const answerApi = (response: ServerResponse, path: string): void => {
    const found = (release: TestRelease | undefined): void =>
      answer(response, release === undefined ? null : wire(url, release))
    if (path === 'latest') return found(forge.releases.find(({ prerelease }) => prerelease !== true))
    if (path.startsWith('tags/')) return found(forge.releases.find(({ tag }) => tag === path.slice(5)))
    answer(
      response,
      forge.releases.map((release) => wire(url, release)),
    )
  }
  const answerAsset = (
    request: IncomingMessage,
    response: ServerResponse,
    tag: string,
    name: string,
  ): void => {
    const content = forge.releases.find((release) => release.tag === tag)?.assets[name]
    const { fault } = forge
    if (fault?.kind === 'status' || content === undefined)
      return void response.writeHead(fault?.kind === 'status' ? fault.status : 404).end('no')
    const body = bytesOf(content)
    const etag = `"${createHash('sha256').update(body).digest('hex')}"`
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const rest = body.subarray(start)
    const range = { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }
    response.writeHead(start > 0 ? 206 : 200, {
      etag,
      'content-length': rest.length,
      ...(start > 0 ? range : {}),
    })
    if (fault === null) response.end(rest)
    else cut(response, rest, fault, { start, received: () => forge.received() })
  }
  let gone = false
  const url = await serveWeb(t, (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://forge')
    forge.asked.push(pathname)
    if (gone) return void response.socket?.destroy()
    const [, tag, asset] = /^\/download\/([^/]+)\/([^/]+)$/.exec(pathname) ?? []
    if (tag !== undefined && asset !== undefined)
      return answerAsset(request, response, decodeURIComponent(tag), decodeURIComponent(asset))
    const api = `/repos/${project}/releases`
    if (!pathname.toLowerCase().startsWith(api.toLowerCase())) return answer(response, null)
    answerApi(response, decodeURIComponent(pathname.slice(api.length + 1)))
  })
  const forge: Forge = {
    url,
    releases,
    fault: null,
    received: () => 0,
    apiStatus: null,
    headers: {},
    asked: [],
    vanish: () => (gone = true),
  }
  return forge
}
