import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import { serveWeb } from './web-server.js'
import { buildWheel, wheelName, type TestWheel } from './wheels.js'

/** How an index misbehaves. */
export type IndexFault =
  /** Files are not what their digest says. */
  | 'corrupt'
  /** Files begin and never end. */
  | 'stalled'
  /** Every answer is an error of the server. */
  | 'broken'

/** An index of Python packages (PEP 503) on this machine. */
export interface PackageIndex {
  /** For index-url. */
  readonly url: string
  wheels: readonly TestWheel[]
  fault: IndexFault | null
  /** Paths that were asked for, in order. */
  readonly asked: string[]
  /** Called when a file is about to be sent: what it returns is waited for. */
  beforeFile: () => Promise<void> | void
}

const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-')

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('>', '&gt;')

const linkOf = (wheel: TestWheel): string => {
  const digest = createHash('sha256').update(buildWheel(wheel)).digest('hex')
  const yanked = wheel.yanked === undefined ? '' : ` data-yanked="${wheel.yanked}"`
  const python =
    wheel.requiresPython === undefined ? '' : ` data-requires-python="${escaped(wheel.requiresPython)}"`
  const file = wheelName(wheel)
  return `<a href="/files/${file}#sha256=${digest}"${yanked}${python}>${file}</a>`
}

const sendFile = async (index: PackageIndex, wheel: TestWheel, response: ServerResponse): Promise<void> => {
  await index.beforeFile()
  const bytes = buildWheel(wheel)
  response.writeHead(200, { 'content-type': 'application/zip', 'content-length': String(bytes.length) })
  if (index.fault === 'stalled') return void response.write(bytes.subarray(0, 10))
  if (index.fault === 'corrupt') bytes[bytes.length - 30] = (bytes[bytes.length - 30] ?? 0) ^ 0xff
  response.end(bytes)
}

const answer = async (index: PackageIndex, asked: string, response: ServerResponse): Promise<void> => {
  if (index.fault === 'broken') return void response.writeHead(500).end()
  const [, name] = /^\/simple\/([^/]+)\/$/.exec(asked) ?? []
  const [, file] = /^\/files\/(.+)$/.exec(asked) ?? []
  const found = index.wheels.filter((wheel) => normal(wheel.name) === name)
  const wheel = index.wheels.find((one) => wheelName(one) === file)
  if (wheel !== undefined) return sendFile(index, wheel, response)
  if (found.length === 0) return void response.writeHead(404).end()
  response.writeHead(200, { 'content-type': 'text/html' })
  response.end(`<!DOCTYPE html><html><body>${found.map(linkOf).join('<br>')}</body></html>`)
}

export const serveIndex = async (
  t: Pick<TestContext, 'after'>,
  wheels: readonly TestWheel[],
): Promise<PackageIndex> => {
  const asked: string[] = []
  const url = await serveWeb(t, (request, response) => {
    asked.push(request.url ?? '')
    answer(index, request.url ?? '', response).catch(() => response.destroy())
  })
  const index: PackageIndex = {
    url: `${url}/simple`,
    wheels,
    fault: null,
    asked,
    beforeFile: () => undefined,
  }
  return index
}
