import type { Dialect, DialectRoute } from '../../rpc/dialect.js'
import { listBackups, restore } from './backups.js'
import { refuse } from './envelope.js'
import type { InstallatronSetup } from './facts.js'
import { listExtensions, listInstalls, listTasks, listVersions, showInstall } from './lists.js'
import { changePolicy } from './policy.js'
import { update } from './update.js'

export type { InstallatronSetup } from './facts.js'

const get = (path: string, respond: DialectRoute['respond']): DialectRoute => ({
  verb: 'GET',
  path,
  scope: 'read',
  respond,
})

const post = (path: string, scope: 'update' | 'admin', respond: DialectRoute['respond']): DialectRoute => ({
  verb: 'POST',
  path,
  scope,
  respond,
})

/** Installatron Server's API, as far as it is about updates. */
export const createInstallatron = (setup: InstallatronSetup): Dialect => ({
  name: 'installatron',
  isOn: setup.isOn,
  routes: [
    get('/installs', listInstalls(setup)),
    get('/installs/plugins', listExtensions(false)),
    get('/installs/themes', listExtensions(true)),
    get('/installs/{id}', showInstall(setup)),
    post('/installs/{id}', 'admin', changePolicy(setup)),
    post('/installs/{id}/update', 'update', update(setup)),
    post('/installs/{id}/upgrade', 'update', update(setup)),
    get('/browser/{id}', listVersions),
    get('/tasks', listTasks),
    get('/backups', listBackups),
    post('/backups/{id}/restore', 'update', restore(setup)),
  ],
  refuse,
})
