import { MoonkeeperError } from '../../contract/error.js'
import type { HistoryEntry, Image, Job, SystemUpdateInit } from '../../contract/generated/types.js'
import type { AppContext } from '../../methods/context.js'
import type { DialectAnswer, DialectRequest } from '../../rpc/dialect.js'
import { change } from '../change.js'
import { bodyFields } from '../fields.js'
import { jobsOf } from '../jobs.js'
import { checkFields } from './check.js'
import { nothing } from './images.js'
import { standingOf, type Standing, type State } from './state.js'

/** More than any machine does in its life. */
const all = { name: null, limit: 1_000_000, offset: 0 }

const standing = (app: AppContext): Standing => standingOf(jobsOf(app))

const usual: Readonly<Record<State, string>> = {
  IDLE: 'No update is under way.',
  INITIALIZING: 'The update is being prepared.',
  INITIALIZED: 'The update is prepared: it can be started.',
  RUNNING: 'The update runs.',
  FAILED_GRACEFUL: 'The update failed. The old version runs.',
  FAILED_CRITICAL: 'The update needs a person.',
}

const descriptionOf = ({ state, job }: Standing): string => {
  if (state === 'IDLE' || job === null) return usual[state]
  const told = job.error?.message ?? job.stage
  return told === '' ? usual[state] : told
}

/** The image's version; of another job the applications and theirs. null as long as it is not known. */
const targetOf = ({ image, applications }: Job): string | null => {
  if (image !== undefined) return image.version
  const known = applications.filter(({ to }) => to !== null)
  return known.length === 0 ? null : known.map(({ name, to }) => `${name} ${to ?? ''}`).join(', ')
}

interface Past {
  /** Unix seconds. */
  readonly time: number
  readonly version: string
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

/** What there was before the first update that is known. @param entries oldest first */
const installation = ({ engine }: AppContext, entries: readonly HistoryEntry[]): Past => {
  const managed = engine.applications.managed()
  const versions = managed.map(({ settings, installed }) => {
    const first = entries.find(({ application }) => application === settings.name)
    return `${settings.name} ${first?.from ?? installed}`
  })
  const times = [...managed.map(({ firstSeen }) => firstSeen), entries[0]?.at ?? 0].filter((time) => time > 0)
  return { time: times.length === 0 ? 0 : seconds(Math.min(...times)), version: versions.join(', ') }
}

/** An image is one update, whatever it has in it. @param entries oldest first */
const pastOf = (entries: readonly HistoryEntry[]): readonly Past[] => {
  const done = entries.filter(({ outcome }) => outcome === 'done')
  const images = new Map(done.filter(({ image }) => image !== undefined).map((entry) => [entry.job, entry]))
  return done
    .filter((entry) => entry.image === undefined || images.get(entry.job) === entry)
    .map(({ at, image, application, to, from }) => ({
      time: seconds(at),
      version: image ?? `${application} ${to ?? from}`,
    }))
}

/** GET update */
export const showUpdate = async ({ call }: DialectRequest): Promise<DialectAnswer> => {
  const { app } = call
  const now = standing(app)
  const entries = (await app.engine.history(all)).entries.toReversed()
  const first = installation(app, entries)
  const target = now.job === null || now.state === 'IDLE' ? null : targetOf(now.job)
  return {
    status: 200,
    body: {
      last_state_time: now.since === null ? first.time : Math.floor(now.since),
      state: now.state,
      state_description: descriptionOf(now),
      ...(target === null ? {} : { target_version: target }),
      update_history: [first, ...pastOf(entries)],
    },
  }
}

const conflict = (message: string): MoonkeeperError => new MoonkeeperError('job_not_prepared', message)

/** @throws unknown_image, job_not_prepared */
const imageFor = ({ images }: AppContext, id: number | undefined): Image => {
  const image = id === undefined ? images.list().findLast(({ state }) => state === 'VALID') : images.get(id)
  if (image === undefined) throw conflict('There is no valid update image: upload or fetch one first.')
  if (image.state === 'VALID') return image
  throw conflict(`Image ${image.id} is ${image.state}: ${image.state_description}`)
}

/** POST update/init */
export const init = async (request: DialectRequest): Promise<DialectAnswer> => {
  const { call } = request
  const fields = await bodyFields(request, 'SystemUpdateInit')
  const { image_id: id } = checkFields('SystemUpdateInit', fields) as SystemUpdateInit
  const { state } = standing(call.app)
  if (state !== 'IDLE') throw conflict(`The state is ${state}: an update is initialized in IDLE only.`)
  const image = imageFor(call.app, id)
  const names = image.applications.map(({ name }) => name)
  await change(call, 'upgrade', names, {
    image: image.id,
    until: 'prepared',
    background: true,
    // All that is in it becomes new, or nothing does.
    atomic: names.length > 1,
  })
  return nothing
}

/** POST update/start */
export const start = async ({ call }: DialectRequest): Promise<DialectAnswer> => {
  const { state, job } = standing(call.app)
  if (state !== 'INITIALIZED' || job === null)
    throw conflict(`The state is ${state}: an update is started in INITIALIZED only.`)
  await call.app.engine.startJob(job.id)
  return nothing
}

/** POST update/reset */
export const reset = async ({ call }: DialectRequest): Promise<DialectAnswer> => {
  const { engine } = call.app
  // What is prepared beside what is dropped first is dropped, too.
  for (;;) {
    const { state, job } = standing(call.app)
    if (state === 'IDLE' || job === null) return nothing
    if (state === 'RUNNING') throw conflict('The update runs: it cannot be reset now.')
    if (state === 'INITIALIZING' || state === 'INITIALIZED') await engine.cancelJob(job.id)
    else await engine.jobs.dismiss(job.id)
  }
}
