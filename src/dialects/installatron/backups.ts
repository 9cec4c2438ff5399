import type { InstallatronRestore, Versions } from '../../contract/generated/types.js'
import type { Managed } from '../../engine/managed.js'
import type { AppContext } from '../../methods/context.js'
import type { DialectAnswer, DialectRequest } from '../../rpc/dialect.js'
import { change } from '../change.js'
import { done, Refusal } from './envelope.js'
import { checkPlace, checkUser, idOf, type InstallatronSetup } from './facts.js'
import { versionsOf } from './install.js'
import { doneWith, fieldsOf, telling } from './task.js'

interface Backup {
  readonly id: string
  readonly install: Managed
  readonly version: Versions['versions'][number]
}

/** Versions that are kept, of one after the other. */
const backupsOf = async (app: AppContext): Promise<readonly Backup[]> => {
  const found: Backup[] = []
  for (const install of app.engine.applications.managed()) {
    if (install.settings.type === 'system') continue
    const { name } = install.settings
    for (const version of await versionsOf(app, name))
      if (version.kept && !version.current) found.push({ id: idOf(name, version.id), install, version })
  }
  return found
}

const entryOf = ({ id, install, version }: Backup): object => ({
  id,
  install: idOf(install.settings.name),
  application: install.settings.name,
  version: version.version,
  title: version.title,
  time: version.date === null ? null : Math.floor(version.date),
})

/** GET /backups */
export const listBackups = async ({ call }: DialectRequest): Promise<DialectAnswer> =>
  telling(call, '', async () => done((await backupsOf(call.app)).map(entryOf), 'These versions are kept.'))

const backupCalled = async (app: AppContext, id: string): Promise<Backup> => {
  const backup = (await backupsOf(app)).find((one) => one.id === id)
  if (backup !== undefined) return backup
  throw new Refusal(404, 'backup_not_found', `There is no backup ${id.slice(0, 100)}.`)
}

/** POST /backups/{id}/restore */
export const restore =
  (setup: InstallatronSetup) =>
  async (request: DialectRequest): Promise<DialectAnswer> => {
    const { call, parameters } = request
    return telling(call, '', async () => {
      const asked = (await fieldsOf(request, 'InstallatronRestore')) as InstallatronRestore
      const { install, version } = await backupCalled(call.app, parameters['id'] ?? '')
      const { name } = install.settings
      return telling(call, name, async () => {
        await checkUser(setup, install, asked.user)
        const { dryrun = 'none', background = false } = asked
        if (dryrun !== 'input') await checkPlace(call.app, setup, install)
        if (dryrun !== 'none') {
          const question = { goal: 'rollback', names: [name], version: version.id, hard: false } as const
          await call.app.engine.plan({ ...question, check: dryrun })
          return doneWith(call, setup, install, 'The test run found nothing in the way.', 'complete_dryrun')
        }
        const job = await change(call, 'rollback', [name], { version: version.id, background })
        const begun =
          job === null ? 'The task is complete.' : `The task has begun: ${job.id}. GET /tasks shows it.`
        return doneWith(call, setup, install, begun)
      })
    })
  }
