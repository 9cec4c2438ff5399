import path from 'node:path'
import type { Commands } from '../system/commands.js'
import type { Files } from '../system/files.js'

/** What this folder needs of the outside. */
export interface PythonTools {
  readonly commands: Commands
  readonly files: Files
}

/** A virtualenv as it was found. */
export interface Virtualenv {
  readonly folder: string
  /** To be started by its name in the virtualenv: that is how it knows where it is. */
  readonly python: string
  /** Where packages are installed, absolute; null when there is none. */
  readonly sitePackages: string | null
  /** The version of Python that it was made for, as 3.11; null when its folder does not tell. */
  readonly madeFor: string | null
  /** Why nothing in it can be started; null when its interpreter is there and is the one that it was made for. */
  readonly problem: string | null
}

const libraryName = /^python(\d+\.\d+)$/

const versionsIn = async (folder: string, files: Files): Promise<readonly string[]> => {
  const entries = await files.list(path.join(folder, 'lib'))
  const found: string[] = []
  for (const { name } of entries) {
    const version = libraryName.exec(name)?.[1]
    if (version === undefined) continue
    const packages = path.join(folder, 'lib', name, 'site-packages')
    if ((await files.stat(packages))?.isDirectory() === true) found.push(version)
  }
  return found
}

/** As its pyvenv.cfg says; older tools write none. */
const configuredVersion = (text: string | null): string | null =>
  /^version(?:_info)?\s*=\s*(\d+\.\d+)/m.exec(text ?? '')?.[1] ?? null

const mostLinks = 40

/** Where a chain of symlinks ends; null when it ends nowhere, with the last name it had. */
const endOf = async (
  file: string,
  files: Files,
): Promise<{ readonly at: string; readonly there: boolean }> => {
  let at = file
  for (let links = 0; links < mostLinks; links += 1) {
    const found = await files.stat(at)
    if (found === null) return { at, there: false }
    if (!found.isSymbolicLink()) return { at, there: found.isFile() }
    at = path.resolve(path.dirname(at), (await files.readContent(at))?.toString() ?? '')
  }
  return { at, there: false }
}

const askVersion = 'import sys; print("%d.%d" % sys.version_info[:2])'

/** What an interpreter says of itself; null when it cannot be started. */
const startedVersion = async (python: string, { commands }: PythonTools): Promise<string | null> => {
  const argv = [python, '-E', '-s', '-c', askVersion] as const
  const result = await commands.run(argv, { timeout: 60_000, maxOutput: 64 * 1024 }).catch(() => null)
  const said = result?.code === 0 ? result.stdout.toString('utf8').trim() : ''
  return /^\d+\.\d+$/.test(said) ? said : null
}

/** Debian's interpreters have their version in their name, so that most need not be started to tell it. */
const interpreterVersion = async (
  python: string,
  end: string,
  tools: PythonTools,
): Promise<string | null> => {
  const named = libraryName.exec(path.basename(end))?.[1] ?? null
  // A copy in the virtualenv itself may lack the library that it was copied from.
  const isInside = path.dirname(end) === path.dirname(python)
  return named === null || isInside ? startedVersion(python, tools) : named
}

const problemOf = async (
  python: string,
  madeFor: string | null,
  tools: PythonTools,
): Promise<string | null> => {
  const end = await endOf(python, tools.files)
  if (!end.there) return `its interpreter ${end.at} is gone`
  const version = await interpreterVersion(python, end.at, tools)
  if (version === null) return `its interpreter ${end.at} cannot be started`
  return madeFor === null || madeFor === version
    ? null
    : `it was made for Python ${madeFor}, and ${end.at} is Python ${version}`
}

/** The one that the interpreter uses, as far as that can be told. */
const chooseVersion = (found: readonly string[], configured: string | null): string | null =>
  found.find((version) => version === configured) ?? found.at(-1) ?? configured

/**
 * Looks at a virtualenv. Nothing in it is started where that can be avoided.
 * @returns null when there is none in the folder
 */
export const readVirtualenv = async (folder: string, tools: PythonTools): Promise<Virtualenv | null> => {
  const { files } = tools
  const python = path.join(folder, 'bin', 'python')
  const configuration = await files.readText(path.join(folder, 'pyvenv.cfg'))
  if (configuration === null && (await files.stat(python)) === null) return null
  const version = chooseVersion(await versionsIn(folder, files), configuredVersion(configuration))
  const sitePackages = path.join(folder, 'lib', `python${version ?? ''}`, 'site-packages')
  const isThere = (await files.stat(sitePackages))?.isDirectory() === true
  return {
    folder,
    python,
    sitePackages: isThere ? sitePackages : null,
    madeFor: version,
    problem: await problemOf(python, version, tools),
  }
}

/** For people: what is wrong with it, and what helps. */
export const virtualenvWarning = (folder: string, problem: string): string =>
  `The virtualenv ${folder} cannot be used: ${problem}. The operating system was upgraded, perhaps. Recover the ` +
  'application: that makes it anew and installs again what was in it.'
