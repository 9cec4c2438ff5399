import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import { listDistributions, normalName, readDistribution, type DistributionDetails } from './distributions.js'
import type { PythonTools } from './virtualenv.js'

export interface NewVirtualenv {
  /** Where it is made; there is nothing there. */
  readonly folder: string
  /** venv_args of the configuration: arguments of the program virtualenv. */
  readonly args?: string | undefined
  /** True when it is to see the packages of the operating system. */
  readonly systemPackages?: boolean
  readonly temporary: string
  readonly signal?: AbortSignal | undefined
}

const timeout = 900_000

/** Words as a shell splits them: quotes keep blanks, a backslash keeps what follows. */
export const splitWords = (text: string): readonly string[] =>
  [...text.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g)].map(([word]) =>
    word.replace(
      /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
      (_, single?: string, double?: string, plain?: string) =>
        single ?? double?.replace(/\\(.)/g, '$1') ?? plain ?? '',
    ),
  )

/** What Python's own venv understands of the arguments of virtualenv. */
const known = new Set(['--system-site-packages', '--symlinks', '--always-copy', '--copies'])
const renamed: Readonly<Record<string, string>> = { '--always-copy': '--copies' }

interface Wish {
  readonly python: string
  readonly options: readonly string[]
}

/** @throws command_failed for arguments that only virtualenv understands */
const wishOf = (words: readonly string[]): Wish => {
  let python = 'python3'
  const options: string[] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const [, joined] = /^(?:--python=|-p)(.+)$/.exec(word) ?? []
    if (joined !== undefined) python = joined
    else if (word === '-p' || word === '--python') python = words[(at += 1)] ?? python
    else if (known.has(word)) options.push(renamed[word] ?? word)
    else
      throw new MoonkeeperError(
        'command_failed',
        `venv_args: '${word}' is understood by the program virtualenv only. Install it: apt install python3-virtualenv`,
      )
  }
  return { python, options }
}

const hasVirtualenv = async ({ commands }: PythonTools): Promise<boolean> => {
  const result = await commands.run(['virtualenv', '--version'], { timeout: 60_000 }).catch(() => null)
  return result?.code === 0
}

const commandFor = async (
  { folder, args = '', systemPackages = false }: NewVirtualenv,
  tools: PythonTools,
): Promise<[string, ...string[]]> => {
  const shared = systemPackages ? ['--system-site-packages'] : []
  const words = [...new Set([...shared, ...splitWords(args)])]
  if (args !== '' && (await hasVirtualenv(tools))) return ['virtualenv', ...words, folder]
  const { python, options } = wishOf(words)
  return [python, '-m', 'venv', ...options, folder]
}

/**
 * Makes a virtualenv with pip in it. What was made half is left to whoever undoes it.
 * @throws command_failed
 */
export const makeVirtualenv = async (wanted: NewVirtualenv, tools: PythonTools): Promise<void> => {
  const { temporary, signal, folder } = wanted
  const argv = await commandFor(wanted, tools)
  await tools.files.makeFolder(temporary)
  try {
    const env = { TMPDIR: temporary, PIP_DISABLE_PIP_VERSION_CHECK: '1' }
    const result = await tools.commands.run(argv, { timeout, signal, gentle: true, env })
    signal?.throwIfAborted()
    if (result.code !== 0) throw failure(folder, `${result.stdout.toString('utf8')}\n${result.stderr}`)
  } finally {
    await tools.files.remove(temporary)
  }
}

const failure = (folder: string, said: string): MoonkeeperError => {
  const help = said.includes('ensurepip is not')
    ? 'Install what Debian keeps apart: apt install python3-venv'
    : (said.trim().split('\n').at(-1) ?? '')
  return new MoonkeeperError('command_failed', `The virtualenv ${folder} could not be made. ${help}`)
}

/** They come with a virtualenv by themselves. */
const ownPackages = ['pip', 'setuptools', 'wheel', 'pkg-resources']

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

/** The line that installs it again from where it came from (PEP 440, PEP 610). */
export const requirementOf = ({
  name,
  version,
  directUrl,
}: Pick<DistributionDetails, 'name' | 'version' | 'directUrl'>): string => {
  const url = text(directUrl?.['url'])
  if (directUrl === null || url === null) return `${name}==${version}`
  const repository = fields(directUrl['vcs_info'])
  const [kind, commit] = [text(repository['vcs']), text(repository['commit_id'])]
  if (kind !== null && commit !== null) return `${name} @ ${kind}+${url}@${commit}`
  const isEditable = fields(directUrl['dir_info'])['editable'] === true
  return isEditable ? `-e ${url}` : `${name} @ ${url}`
}

/** All that is installed but for these, as lines of a requirements file that install it again. */
export const requirementsOf = async (
  sitePackages: string,
  tools: PythonTools,
  except: readonly string[] = [],
): Promise<readonly string[]> => {
  const lines: string[] = []
  const left = [...ownPackages, ...except.map(normalName)]
  for (const { name } of await listDistributions(sitePackages, tools.files)) {
    if (left.includes(normalName(name))) continue
    const details = await readDistribution(sitePackages, name, tools.files)
    if (details !== null) lines.push(requirementOf(details))
  }
  return lines
}

/** What its owner wrote into it: pip's configuration. */
export const carryConfiguration = async (from: string, to: string, { files }: PythonTools): Promise<void> => {
  const file = path.join(from, 'pip.conf')
  if ((await files.stat(file)) !== null) await files.copyEntry(file, path.join(to, 'pip.conf'))
}
