import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { writeTree } from './tree.js'
import { serveWeb } from './web-server.js'

/** A package of npm in one version. */
export interface TestPackage {
  readonly name: string
  readonly version: string
  /** What npm runs when it is installed. */
  readonly install?: string
}

/** The packages that locks name, on this machine. */
export interface NpmRegistry {
  readonly url: string
  /** How it misbehaves: tarballs are not what their digest says, or every answer is an error. */
  fault: 'corrupt' | 'broken' | null
  readonly asked: string[]
  /** Called when a tarball is about to be sent: what it returns is waited for. */
  beforeFile: () => Promise<void> | void
  /** package.json and package-lock.json of an application that depends on these. */
  locked(...packages: readonly TestPackage[]): Readonly<Record<string, string>>
}

const tarballOf = ({ name, version, install }: TestPackage): Buffer => {
  const folder = mkdtempSync(path.join(tmpdir(), 'moonkeeper-npm-'))
  try {
    const scripts = install === undefined ? {} : { scripts: { install } }
    writeTree(path.join(folder, 'package'), {
      'package.json': JSON.stringify({ name, version, main: 'index.js', ...scripts }),
      'index.js': `module.exports = '${name} ${version}'\n`,
    })
    const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0']
    execFileSync('tar', [...same, '-czf', 'package.tgz', 'package'], { cwd: folder })
    return readFileSync(path.join(folder, 'package.tgz'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const integrityOf = (bytes: Buffer): string => `sha512-${createHash('sha512').update(bytes).digest('base64')}`

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

export const serveRegistry = async (t: Pick<TestContext, 'after'>): Promise<NpmRegistry> => {
  const tarballs = new Map<string, Buffer>()
  const asked: string[] = []
  const url = await serveWeb(t, (request, response) => {
    const place = request.url ?? ''
    asked.push(place)
    const answer = async (): Promise<void> => {
      const bytes = tarballs.get(place)
      if (registry.fault === 'broken') return void response.writeHead(500).end()
      if (bytes === undefined) return void response.writeHead(404).end('{}')
      await registry.beforeFile()
      response.end(registry.fault === 'corrupt' ? Buffer.concat([bytes, Buffer.from('more')]) : bytes)
    }
    answer().catch(() => response.destroy())
  })
  const registry: NpmRegistry = {
    url,
    fault: null,
    asked,
    beforeFile: () => undefined,
    locked: (...packages) => {
      const entries = packages.map((one) => {
        const place = `/${one.name}/-/${one.name}-${one.version}.tgz`
        const bytes = tarballs.get(place) ?? tarballOf(one)
        tarballs.set(place, bytes)
        const script = one.install === undefined ? {} : { hasInstallScript: true }
        const entry = {
          version: one.version,
          resolved: `${url}${place}`,
          integrity: integrityOf(bytes),
          ...script,
        }
        return [`node_modules/${one.name}`, entry] as const
      })
      const dependencies = Object.fromEntries(packages.map(({ name, version }) => [name, version]))
      const own = { name: 'app', version: '1.0.0', dependencies }
      return {
        'package.json': json(own),
        'package-lock.json': json({
          name: 'app',
          version: '1.0.0',
          lockfileVersion: 3,
          requires: true,
          packages: { '': own, ...Object.fromEntries(entries) },
        }),
      }
    },
  }
  return registry
}
