import path from 'node:path'
import type { Place } from './place.js'
import type { ReleaseState } from './state.js'

/** What an install tells of itself. */
export type Install = Pick<
  ReleaseState,
  'valid' | 'version' | 'owner' | 'project' | 'assetName' | 'warnings' | 'anomalies'
>

interface Claim {
  readonly owner: string
  readonly project: string
  readonly version: string | null
  readonly assetName: string | null
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parse = (text: string | null): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}

const textIn = (record: Readonly<Record<string, unknown>>, key: string): string | null => {
  const value = record[key]
  return typeof value === 'string' && value !== '' ? value : null
}

/** release_info.json. null when it does not tell the project and the version. */
export const readReleaseInfo = (text: string | null): Claim | null => {
  const info = parse(text)
  const [owner, project, version] = ['project_owner', 'project_name', 'version'].map((key) =>
    textIn(info, key),
  )
  if (!owner || !project || !version) return null
  const assetName = textIn(info, 'asset_name')
  // It becomes a file's name.
  if (assetName !== null && (assetName !== path.basename(assetName) || assetName.startsWith('.'))) return null
  return { owner, project, version, assetName }
}

/** compat: front ends that had no release_info.json are known by their manifest. */
const owners: Readonly<Record<string, string>> = { mainsail: 'mainsail-crew', fluidd: 'fluidd-core' }

const readManifest = async (place: Place, folder: string): Promise<Claim | null> => {
  const { files } = place.outside
  for (const name of ['manifest.json', 'manifest.webmanifest']) {
    const project = textIn(parse(await files.readText(path.join(folder, name))), 'name')?.toLowerCase() ?? ''
    const owner = Object.hasOwn(owners, project) ? owners[project] : undefined
    if (owner === undefined) continue
    const version = (await files.readText(path.join(folder, '.version')))?.trim() ?? ''
    return { owner, project, version: version === '' ? null : version, assetName: null }
  }
  return null
}

/** Which project and version lies in a folder; null when it does not say. */
export const readClaim = async (place: Place, folder: string): Promise<Claim | null> => {
  const { files } = place.outside
  const info = path.join(folder, 'release_info.json')
  if ((await files.stat(info))?.isFile() === true) return readReleaseInfo(await files.readText(info))
  return place.type === 'web' ? readManifest(place, folder) : null
}

/** The folder above, or the one itself, that is a git repository; null when there is none. */
const repositoryAround = async ({ options, outside }: Place): Promise<string | null> => {
  for (let folder = options.path; folder !== path.dirname(folder); folder = path.dirname(folder))
    if ((await outside.files.stat(path.join(folder, '.git'))) !== null) return folder
  return null
}

/** What is wrong with the folder; null when nothing is. */
export const folderProblem = async (place: Place): Promise<string | null> => {
  const { files, homeFolder } = place.outside
  const at = place.options.path
  // compat: Moonraker's words
  const where = `Location at option 'path: ${at}'`
  // compat: what has a channel that does not exist is told of with these words, and not updated.
  if (place.outside.channelInvalid === true) return `${where} is not writable.`
  if ((await files.stat(at))?.isDirectory() !== true) return `${where} is not a directory.`
  if (!(await files.mayWrite(at))) return `${where} is not writable.`
  const above = path.dirname(at)
  if (!(await files.mayWrite(above)))
    return `${where} cannot be exchanged, because ${above} is not writable. Look who owns it: ls -ld ${above}`
  const repository = await repositoryAround(place)
  if (repository === null || repository === homeFolder) return null
  return `${where} is within a git repo. Found .git folder at '${path.join(repository, '.git')}'`
}

const executableProblem = async ({ options, outside }: Place, claim: Claim): Promise<string | null> => {
  if (claim.assetName === null) return "Executable types require the 'asset_name' field in release_info.json"
  const file = path.join(options.path, claim.assetName)
  return (await outside.files.stat(file)) === null
    ? `File ${claim.assetName} not found in configured path for executable type`
    : null
}

const isConfigured = ({ options }: Place, { owner, project }: Claim): boolean =>
  options.repo.toLowerCase() === `${owner}/${project}`.toLowerCase()

const mismatch = ({ options }: Place, { owner, project }: Claim): string =>
  `Value at option 'repo: ${options.repo}' does not match detected repo '${owner}/${project}', falling back to ` +
  'detected version.'

/** What is wrong with an install that can be read. */
const claimProblems = async (place: Place, claim: Claim | null): Promise<string[]> => {
  if (claim === null || place.type !== 'executable') return []
  const missing = await executableProblem(place, claim)
  return missing === null ? [] : [missing]
}

/** Looks at what is installed. @param known the version that was installed last, for an install that does not say */
export const readInstall = async (place: Place, known: string): Promise<Install> => {
  const [owner = '?', project = '?'] = place.options.repo.split('/')
  const problem = await folderProblem(place)
  const claim = problem === null ? await readClaim(place, place.options.path) : null
  const found = problem === null ? await claimProblems(place, claim) : [problem]
  const valid = claim !== null && found.length === 0
  const warnings = valid ? [] : [...found, 'Failed to validate installation']
  if (claim === null) return { valid, version: '?', owner, project, assetName: null, warnings, anomalies: [] }
  const anomalies = isConfigured(place, claim) ? [] : [mismatch(place, claim)]
  return { ...claim, valid, version: claim.version ?? known, warnings, anomalies }
}
