import { MoonkeeperError } from '../contract/error.js'
import type { Commands } from '../system/commands.js'
import type { Files } from '../system/files.js'
import { Records } from './records.js'

/*
 * Moonraker keeps its items in SQLite, which Node 20 cannot read without an addon. Wherever Moonraker ran there is
 * Python, whose standard library can; or there is SQLite's own command. Both are told to open the file for reading only.
 */

const query = 'SELECT namespace, key, hex(value) AS value FROM namespace_store'

const script = [
  'import json, pathlib, sqlite3, sys',
  'address = pathlib.Path(sys.argv[1]).absolute().as_uri() + "?mode=ro"',
  'rows = sqlite3.connect(address, uri=True, timeout=5).execute(sys.argv[2])',
  'json.dump([dict(zip(("namespace", "key", "value"), row)) for row in rows], sys.stdout)',
].join('\n')

const readers = (file: string): readonly (readonly [string, ...string[]])[] => [
  ['python3', '-I', '-c', script, file, query],
  ['sqlite3', '-readonly', '-json', '-cmd', '.timeout 5000', file, query],
]

const limits = { timeout: 60_000, maxOutput: 256 * 1024 * 1024 }

/** Every SQLite file begins so. */
const magic = 'SQLite format 3\0'

export const isSqlite = async (file: string, files: Pick<Files, 'readRange'>): Promise<boolean> =>
  (await files.readRange(file, 0, magic.length)).toString('latin1') === magic

/** compat: a letter that says how the value was packed; lists and objects are JSON. */
const decoders: Readonly<Record<string, (bytes: Buffer) => string>> = {
  q: (bytes) => bytes.readBigInt64LE(1).toString(),
  d: (bytes) => JSON.stringify(bytes.readDoubleLE(1)),
  '?': (bytes) => String(bytes[1] !== 0),
  s: (bytes) => JSON.stringify(bytes.toString('utf8', 1)),
  '[': (bytes) => JSON.stringify(JSON.parse(bytes.toString())),
  '{': (bytes) => JSON.stringify(JSON.parse(bytes.toString())),
  '\0': () => 'null',
}

/** The JSON text of a packed value; null when it cannot be read. */
const decoded = (hex: string): string | null => {
  const bytes = Buffer.from(hex, 'hex')
  const decode = decoders[String.fromCharCode(bytes[0] ?? 1)]
  try {
    return decode?.(bytes) ?? null
  } catch {
    return null
  }
}

const parsedRows = (output: Buffer): readonly Readonly<Record<string, unknown>>[] => {
  // SQLite's command writes nothing for no rows.
  if (output.length === 0) return []
  return JSON.parse(output.toString()) as readonly Readonly<Record<string, unknown>>[]
}

/** What Moonraker can find out again, and what is about its file. */
const leftOut = ['gcode_metadata', 'update_manager']
const reservations = ['protected_namespaces', 'forbidden_namespaces']

const isWanted = (namespace: string, key: string): boolean =>
  namespace === 'database' ? reservations.includes(key) : !leftOut.includes(namespace)

export interface SqliteItems {
  readonly records: Records
  /** Values that could not be read. */
  readonly unreadable: number
}

const itemsOf = (output: Buffer): SqliteItems => {
  const records = new Records()
  let unreadable = 0
  for (const { namespace, key, value } of parsedRows(output)) {
    if (typeof namespace !== 'string' || typeof key !== 'string' || !isWanted(namespace, key)) continue
    const text = decoded(String(value))
    if (text === null) unreadable += 1
    else records.apply({ namespace, key, text })
  }
  return { records, unreadable }
}

/**
 * The items of a database of Moonraker's. Nothing of it is changed.
 * @throws command_failed when neither program is there, or the file is no such database
 */
export const readSqlite = async (file: string, commands: Commands): Promise<SqliteItems> => {
  const reasons: string[] = []
  for (const argv of readers(file)) {
    try {
      const { code, stdout, stderr } = await commands.run(argv, limits)
      if (code === 0) return itemsOf(stdout)
      reasons.push(`${argv[0]}: ${stderr.trim().split('\n').at(-1) ?? ''}`)
    } catch (thrown) {
      reasons.push(`${argv[0]}: ${(thrown as Error).message}`)
    }
  }
  throw new MoonkeeperError(
    'command_failed',
    `${file} cannot be read (${reasons.join('; ')}). python3 or sqlite3 is needed for it.`,
  )
}
