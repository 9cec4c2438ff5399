import type { InstallatronPage, Job } from '../../contract/generated/types.js'
import type { DialectAnswer, DialectRequest } from '../../rpc/dialect.js'
import { queryFields } from '../fields.js'
import { done } from './envelope.js'
import { extensionsOf, idOf, installCalled, isTheme, type InstallatronSetup } from './facts.js'
import { extensionEntry, installEntries } from './install.js'
import { checkFields, doneWith, telling } from './task.js'

const pageOf = (
  request: DialectRequest,
  usual: number,
): { readonly limit: number; readonly offset: number } => {
  const fields = checkFields('InstallatronPage', queryFields(request, 'InstallatronPage'))
  return { limit: usual, offset: 0, ...(fields as InstallatronPage) }
}

/** GET /installs */
export const listInstalls =
  (setup: InstallatronSetup) =>
  async ({ call }: DialectRequest): Promise<DialectAnswer> =>
    telling(call, '', async () => {
      const entries = await installEntries(call.app, setup, call.app.engine.applications.managed())
      return done(entries, `There are ${entries.length} installs.`)
    })

/** GET /installs/{id} */
export const showInstall =
  (setup: InstallatronSetup) =>
  async ({ call, parameters }: DialectRequest): Promise<DialectAnswer> =>
    telling(call, '', async () =>
      doneWith(call, setup, installCalled(call.app, parameters['id'] ?? ''), 'The install as it is.'),
    )

/** GET /installs/plugins, GET /installs/themes */
export const listExtensions =
  (themes: boolean) =>
  async ({ call }: DialectRequest): Promise<DialectAnswer> =>
    telling(call, '', async () => {
      const { app } = call
      const entries: object[] = []
      for (const install of app.engine.applications.managed())
        for (const one of extensionsOf(app, install))
          if (isTheme(one) === themes)
            entries.push({ ...(await extensionEntry(app, one)), install: idOf(install.settings.name) })
      return done(entries, `There are ${entries.length} of them.`)
    })

/** GET /browser/{id} */
export const listVersions = async (request: DialectRequest): Promise<DialectAnswer> => {
  const { call, parameters } = request
  return telling(call, '', async () => {
    const { limit, offset } = pageOf(request, 100)
    const { name } = installCalled(call.app, parameters['id'] ?? '').settings
    const { versions } = await call.app.engine.versions(name, { limit, offset })
    const entries = versions.map(({ version, id, date, title, current, kept }) => ({
      version,
      id,
      time: date === null ? null : Math.floor(date),
      title,
      current,
      kept,
    }))
    return done(entries, 'These versions can be had.')
  })
}

const commands: Readonly<Record<Job['goal'], string>> = {
  upgrade: 'update',
  rollback: 'restore',
  recover: 'recover',
}

const whole = (seconds: number | null): number | null => (seconds === null ? null : Math.floor(seconds))

const taskOf = ({
  id,
  goal,
  state,
  progress,
  started_at,
  ended_at,
  error,
  stage,
  applications,
}: Job): object => ({
  id,
  cmd: commands[goal],
  installs: applications.map(({ name }) => idOf(name)),
  state,
  progress,
  time_started: whole(started_at),
  time_ended: whole(ended_at),
  message: error?.message ?? stage,
})

/** GET /tasks */
export const listTasks = async (request: DialectRequest): Promise<DialectAnswer> =>
  telling(request.call, '', async () => {
    const { jobs } = request.call.app.engine.jobs.list(pageOf(request, 50))
    return done(jobs.map(taskOf), 'The newest first.')
  })
