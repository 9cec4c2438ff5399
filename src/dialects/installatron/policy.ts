import type { InstallatronPolicy } from '../../contract/generated/types.js'
import type { Managed } from '../../engine/managed.js'
import type { AppContext } from '../../methods/context.js'
import type { DialectAnswer, DialectRequest } from '../../rpc/dialect.js'
import { Refusal } from './envelope.js'
import { checkUser, extensionsOf, installCalled, isTheme, type InstallatronSetup } from './facts.js'
import { installEntry, sharedAutoup } from './install.js'
import { doneWith, fieldsOf, telling } from './task.js'

/** What is as it is: only the configuration changes some of it, and the rest has no meaning here. */
const fixed = ['autoup_backup', 'notification', 'autobk', 'bkloc', 'language', 'title'] as const

const refuseOther = async (
  app: AppContext,
  setup: InstallatronSetup,
  install: Managed,
  asked: InstallatronPolicy,
): Promise<void> => {
  const given = fixed.filter((field) => asked[field] !== undefined)
  if (given.length === 0) return
  const entry = (await installEntry(app, setup, install.settings.name)) as Readonly<Record<string, unknown>>
  for (const field of given) {
    if (JSON.stringify(asked[field]) === JSON.stringify(entry[field])) continue
    throw new Refusal(
      409,
      'set_in_configuration',
      `${field} is ${JSON.stringify(entry[field])}, and nothing but the configuration could change it.`,
      field,
    )
  }
}

const automateAll = async (
  app: AppContext,
  installs: readonly Managed[],
  wanted: 'none' | 'all' | 'custom' | undefined,
): Promise<void> => {
  if (wanted === undefined || wanted === 'custom' || wanted === sharedAutoup(installs)) return
  for (const { settings } of installs) await app.engine.applications.automate(settings.name, wanted)
}

/** A refusal of what the configuration decides says by which field it was asked for. */
const byField = async (field: string, work: () => Promise<void>): Promise<void> => {
  try {
    await work()
  } catch (thrown) {
    if (!(thrown instanceof Error && 'kind' in thrown && thrown.kind === 'set_in_configuration')) throw thrown
    throw new Refusal(409, 'set_in_configuration', thrown.message, field, thrown)
  }
}

/** POST /installs/{id}: all of it is looked at before the first of it is changed, as far as it can be. */
export const changePolicy =
  (setup: InstallatronSetup) =>
  async (request: DialectRequest): Promise<DialectAnswer> => {
    const { call, parameters } = request
    const { id = '' } = parameters
    return telling(call, id, async () => {
      const asked = (await fieldsOf(request, 'InstallatronPolicy')) as InstallatronPolicy
      const { app } = call
      const install = installCalled(app, id)
      await checkUser(setup, install, asked.user)
      await refuseOther(app, setup, install, asked)
      const extensions = extensionsOf(app, install)
      const { autoup } = asked
      await byField('autoup', async () => {
        if (autoup !== undefined) await app.engine.applications.automate(install.settings.name, autoup)
      })
      const plugins = extensions.filter((one) => !isTheme(one))
      await byField('autoup_plugins', () => automateAll(app, plugins, asked.autoup_plugins))
      await byField('autoup_themes', () => automateAll(app, extensions.filter(isTheme), asked.autoup_themes))
      return doneWith(call, setup, install, 'The settings are saved.')
    })
  }
