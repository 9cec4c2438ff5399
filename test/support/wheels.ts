import { createHash } from 'node:crypto'
import { makeZip } from './zip.js'

/** A package in one version, as an index has it. */
export interface TestWheel {
  readonly name: string
  readonly version: string
  readonly requires?: readonly string[]
  /** Files of it, besides the module that is called like the package. */
  readonly files?: Readonly<Record<string, string>>
  /** Lines of METADATA. */
  readonly metadata?: readonly string[]
  /** What its release_info says; none without. */
  readonly releaseInfo?: object
  /** Taken back by its author (PEP 592), for this reason. */
  readonly yanked?: string
  /** The versions of Python it is for, as PEP 345 writes them. */
  readonly requiresPython?: string
  /** So many bytes more. */
  readonly bytes?: number
}

const moduleOf = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '_')

const digestOf = (content: string): string =>
  createHash('sha256').update(content).digest('base64url').replace(/=+$/, '')

/** Every package has a command of its name, which tells its version. */
const codeOf = ({ name, version }: TestWheel): string =>
  `__version__ = '${version}'\n\n\ndef main():\n    print('${name} ${version}')\n`

/** What a wheel holds (PEP 427). */
export const wheelFiles = (wheel: TestWheel): Readonly<Record<string, string>> => {
  const { name, version, requires = [], metadata = [], requiresPython } = wheel
  const module = moduleOf(name)
  const info = `${module}-${version}.dist-info`
  const fields = [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${version}`,
    ...(requiresPython === undefined ? [] : [`Requires-Python: ${requiresPython}`]),
    ...requires.map((one) => `Requires-Dist: ${one}`),
    ...metadata,
  ]
  const padding = wheel.bytes === undefined ? {} : { [`${module}/data.bin`]: 'x'.repeat(wheel.bytes) }
  const release =
    wheel.releaseInfo === undefined ? {} : { [`${module}/release_info`]: JSON.stringify(wheel.releaseInfo) }
  const files: Record<string, string> = {
    [`${module}/__init__.py`]: codeOf(wheel),
    ...release,
    ...padding,
    ...wheel.files,
    [`${info}/METADATA`]: `${fields.join('\n')}\n\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/entry_points.txt`]: `[console_scripts]\n${name} = ${module}:main\n`,
  }
  const record = Object.entries(files).map(
    ([file, content]) => `${file},sha256=${digestOf(content)},${Buffer.byteLength(content)}`,
  )
  return { ...files, [`${info}/RECORD`]: `${[...record, `${info}/RECORD,,`].join('\n')}\n` }
}

export const wheelName = ({ name, version }: TestWheel): string =>
  `${moduleOf(name)}-${version}-py3-none-any.whl`

export const buildWheel = (wheel: TestWheel): Buffer =>
  makeZip(Object.entries(wheelFiles(wheel)).map(([name, content]) => ({ name, content, mode: 0o100644 })))
