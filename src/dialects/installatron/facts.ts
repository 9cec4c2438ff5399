import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Managed } from '../../engine/managed.js'
import type { AppContext } from '../../methods/context.js'
import type { SystemUsers } from '../../system/accounts.js'
import type { Files } from '../../system/files.js'
import { applicationCalled } from '../applications.js'
import { Refusal } from './envelope.js'

/** What this API tells besides what the engine knows. */
export interface InstallatronSetup {
  readonly isOn: () => boolean
  /** Moonkeeper's. */
  readonly version: string
  readonly files: Pick<Files, 'list' | 'stat' | 'mayWrite'>
  readonly users: SystemUsers
  /** Bytes on the disk; 0 when that cannot be told. */
  readonly sizeOf: (folder: string) => Promise<number>
  /** Folders that are no application's. */
  readonly reserved: () => readonly string[]
}

const idLength = 25

/** Stable: of the name alone. */
export const idOf = (...names: readonly string[]): string =>
  createHash('sha256').update(names.join('\0')).digest('hex').slice(0, idLength)

/** By id, by name, or by repository. @throws Refusal install_not_found */
export const installCalled = (app: AppContext, text: string): Managed => {
  const managed = app.engine.applications.managed()
  const name = managed.find(({ settings }) => idOf(settings.name) === text)?.settings.name
  const called = name ?? applicationCalled(app, text) ?? text
  const found = managed.find(({ settings }) => settings.name === called)
  if (found !== undefined) return found
  throw new Refusal(404, 'install_not_found', `There is no install ${text.slice(0, 100)}.`)
}

export const listOption = ({ settings }: Managed, option: string): readonly string[] => {
  const options = settings.options as Readonly<Record<string, unknown>>
  const value = Object.hasOwn(options, option) ? options[option] : undefined
  return Array.isArray(value) ? value.map(String) : []
}

/** What belongs to an application: by `extends`, or by restarting its service. */
export const extensionsOf = (app: AppContext, install: Managed): readonly Managed[] => {
  const { name } = install.settings
  return app.engine.applications
    .managed()
    .filter(
      (one) =>
        one.settings.name !== name &&
        (one.settings.policy.extends === name ||
          (one.settings.policy.extends === undefined && listOption(one, 'managed_services').includes(name))),
    )
}

export const isTheme = ({ settings }: Managed): boolean => settings.policy.theme === true

const serviceStates = async (app: AppContext): Promise<Readonly<Record<string, { active_state: string }>>> =>
  (await app.machine.systemInfo()).service_state

/** The services that are its own: not those of what it extends. */
const ownServices = (app: AppContext, install: Managed): readonly string[] => {
  const others = app.engine.applications.managed().map(({ settings }) => settings.name)
  return listOption(install, 'managed_services').filter(
    (service) => service === install.settings.name || !others.includes(service),
  )
}

/** Its service runs, or it has none. */
export const isActive = async (app: AppContext, install: Managed): Promise<boolean> => {
  const services = ownServices(app, install)
  if (services.length === 0) return true
  const states = await serviceStates(app)
  return services.every((service) => states[service]?.active_state === 'active')
}

export const ownerOf = async ({ files, users }: InstallatronSetup, { folder }: Managed): Promise<string> => {
  const stat = await files.stat(folder).catch(() => null)
  return stat === null ? '' : users.nameOf(stat.uid)
}

/** @throws Refusal invalid_argument_user, user_not_found */
export const checkUser = async (
  setup: InstallatronSetup,
  install: Managed,
  user: string | null | undefined,
): Promise<void> => {
  if (user === null || user === undefined) return
  if (!(await setup.users.exists(user)))
    throw new Refusal(
      404,
      'user_not_found',
      `There is no user ${user.slice(0, 100)} on this machine.`,
      'user',
    )
  const owner = await ownerOf(setup, install)
  if (user === owner) return
  throw new Refusal(
    403,
    'invalid_argument_user',
    `${install.settings.name} belongs to ${owner}, not to ${user}.`,
    'user',
  )
}

const isBelow = (folder: string, other: string): boolean => {
  const way = path.relative(other, folder)
  return way === '' || (!way.startsWith('..') && !path.isAbsolute(way))
}

/** What can be seen before anything is begun. @throws Refusal failed_filesystem_*, failed_website_vhost */
export const checkPlace = async (
  app: AppContext,
  setup: InstallatronSetup,
  install: Managed,
): Promise<void> => {
  const { folder, settings } = install
  if (settings.type === 'system') return
  const fail = (code: string, message: string): Refusal => new Refusal(500, code, message)
  if (setup.reserved().some((other) => isBelow(folder, other)))
    throw fail('failed_filesystem_ondemand', `${folder} is reserved: an application does not belong there.`)
  if ((await setup.files.stat(folder)) === null)
    throw fail('failed_filesystem_directory', `${folder} is not there any more.`)
  if (!(await setup.files.mayWrite(folder)))
    throw fail(
      'failed_filesystem_permission',
      `${folder} may not be written. Look who owns it: ls -ld ${folder}`,
    )
  const services = listOption(install, 'managed_services')
  const states = services.length === 0 ? {} : await serviceStates(app)
  // Where none is known nothing manages services.
  if (Object.keys(states).length === 0) return
  const missing = services.find((service) => !Object.hasOwn(states, service))
  if (missing !== undefined)
    throw fail('failed_website_vhost', `${settings.name} runs as ${missing}, and there is no such service.`)
}
