import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { wheelFiles, type TestWheel } from './wheels.js'
import { writeTree } from './tree.js'

/** Debian's own: the tests install python3-venv. */
export const systemPython = '/usr/bin/python3'

/** Where Debian keeps the pip that a new virtualenv gets. */
const debianWheels = '/usr/share/python-wheels'

const unpackPip = (): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'moonkeeper-pip-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const wheel = readdirSync(debianWheels).find((name) => /^pip-.*\.whl$/.test(name))
  if (wheel === undefined) throw new Error('apt install python3-venv')
  execFileSync(systemPython, ['-m', 'zipfile', '-e', path.join(debianWheels, wheel), folder])
  return folder
}

let pip: string | null = null

/** A virtualenv with Debian's pip, which is unpacked once a test file: making a virtualenv with it takes seconds. */
export const makeVirtualenv = (folder: string): void => {
  pip ??= unpackPip()
  makeBareVirtualenv(folder)
  for (const name of readdirSync(pip))
    symlinkSync(path.join(pip, name), path.join(sitePackagesOf(folder), name))
}

/** For what needs no pip. */
export const makeBareVirtualenv = (folder: string): void => {
  execFileSync(systemPython, ['-m', 'venv', '--without-pip', folder], { stdio: 'pipe' })
}

export const sitePackagesOf = (folder: string): string => {
  const [version = ''] = readdirSync(path.join(folder, 'lib'))
  return path.join(folder, 'lib', version, 'site-packages')
}

/** As pip does it, but in no time: its files, its record and its command. */
export const installWheel = (folder: string, wheel: TestWheel): void => {
  writeTree(sitePackagesOf(folder), wheelFiles(wheel))
  const script = path.join(folder, 'bin', wheel.name)
  const module = wheel.name.toLowerCase().replace(/[-_.]+/g, '_')
  const python = path.join(folder, 'bin', 'python')
  writeFileSync(script, `#!${python}\nfrom ${module} import main\nmain()\n`, { mode: 0o755 })
}

/** What the command of a package says; null when it cannot be run. */
export const runScript = (folder: string, name: string): string | null => {
  const script = path.join(folder, 'bin', name)
  if (!existsSync(script)) return null
  try {
    return execFileSync(script, { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return null
  }
}

const describe = (file: string): string => {
  const found = lstatSync(file)
  if (found.isSymbolicLink()) return `link to ${readlinkSync(file)}`
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 8)
  return `${(found.mode & 0o777).toString(8)} ${digest}`
}

/** All that is in a virtualenv but what Python compiles: shortly, so that a difference can be read. */
export const treeOf = (folder: string, below = ''): readonly string[] =>
  readdirSync(path.join(folder, below), { withFileTypes: true })
    .filter(({ name }) => name !== '__pycache__')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const name = path.join(below, entry.name)
      return entry.isDirectory() ? treeOf(folder, name) : [`${name} ${describe(path.join(folder, name))}`]
    })
