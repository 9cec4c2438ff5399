import type { ImageManifest } from '../contract/generated/types.js'
import { ImageManifest as validate } from '../contract/generated/validators.js'
import { badImage } from './problem.js'

export type { ImageManifest }

/** The names of the two files that are no members. */
export const manifestName = 'manifest.json'
export const signatureName = 'manifest.json.minisig'

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

const repeated = (names: readonly string[]): string | undefined =>
  names.find((name, index) => names.indexOf(name) !== index)

/** What a schema cannot say; null when nothing is wrong. */
const contradiction = ({ applications, members }: ImageManifest): string | null => {
  const empty = applications.some((application) => application.members.length === 0)
  if (empty || applications.length === 0) return 'it updates nothing'
  const twice = repeated(applications.map(({ name }) => name)) ?? repeated(members.map((one) => one.path))
  if (twice !== undefined) return `it names ${twice} twice`
  const listed = new Set(members.map((one) => one.path))
  const used = applications.flatMap((application) => application.members)
  const unknown = used.find((one) => !listed.has(one))
  if (unknown !== undefined) return `${unknown} is used and not listed`
  const shared = repeated(used)
  if (shared !== undefined) return `${shared} is used twice`
  return used.length === listed.size ? null : 'it lists files that no application uses'
}

/** @throws bad_image when it is no manifest, or contradicts itself */
export const readManifest = (content: Buffer | null): ImageManifest => {
  if (content === null) throw badImage(`it has no ${manifestName}`)
  const found = parse(content.toString('utf8'))
  if ((found as { readonly format?: unknown } | null)?.format !== 1)
    throw badImage(`its ${manifestName} is of no format that is known here: a newer Moonkeeper may read it`)
  if (!validate(found)) throw badImage(`its ${manifestName} is not as it should be`)
  const manifest = found as ImageManifest
  const wrong = contradiction(manifest)
  if (wrong !== null) throw badImage(`its ${manifestName} contradicts itself: ${wrong}`)
  return manifest
}
