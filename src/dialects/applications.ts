import type { AppContext } from '../methods/context.js'
import type { UpdaterStatus } from '../updaters/contract.js'

/** What the status tells of an application; null when it is not managed, or nothing is known yet. */
export const statusOf = ({ engine }: AppContext, name: string): UpdaterStatus | null => {
  const { version_info: known } = engine.status().value
  return Object.hasOwn(known, name) ? (known[name] ?? null) : null
}

/** owner/repository; null when it comes from nowhere. */
export const repositoryOf = (status: UpdaterStatus | null): string | null => {
  if (status === null || !('owner' in status)) return null
  const { owner, repo_name: project } = status
  return owner === '?' || project === '?' ? null : `${owner}/${project}`
}

/** The application that is called so, or whose repository is; null when there is none. */
export const applicationCalled = (app: AppContext, text: string): string | null => {
  const { version_info: known } = app.engine.status().value
  if (Object.hasOwn(known, text)) return text
  const wanted = text.toLowerCase()
  const found = Object.entries(known).find(([, status]) => repositoryOf(status)?.toLowerCase() === wanted)
  return found?.[0] ?? null
}

/** As people write it: what stands at a tag has no count of commits behind it. */
export const versionOf = (status: UpdaterStatus | null): string => {
  const version = status?.version ?? '?'
  return status?.configured_type === 'git_repo' ? version.replace(/-0$/, '') : version
}

/** A tag is not seldom written with a v that people leave out. @throws unknown_application */
export const versionCalled = async ({ engine }: AppContext, name: string, text: string): Promise<string> => {
  if (!/^\d/.test(text)) return text
  const { versions } = await engine.versions(name, { limit: lookedThrough, offset: 0 })
  const has = (wanted: string): boolean =>
    versions.some(({ version, id }) => version === wanted || id === wanted)
  return !has(text) && has(`v${text}`) ? `v${text}` : text
}

const lookedThrough = 200
