import type { InstallatronUpdate } from '../../contract/generated/types.js'
import type { PlanQuestion } from '../../engine/engine.js'
import type { Managed } from '../../engine/managed.js'
import type { AppContext, Call } from '../../methods/context.js'
import type { DialectAnswer, DialectRequest } from '../../rpc/dialect.js'
import { versionCalled } from '../applications.js'
import { change } from '../change.js'
import { Refusal, refuseField } from './envelope.js'
import {
  checkPlace,
  checkUser,
  extensionsOf,
  installCalled,
  isTheme,
  type InstallatronSetup,
} from './facts.js'
import { versionsOf } from './install.js'
import { doneWith, fieldsOf, telling } from './task.js'

/** What is to be done to whom. */
interface Wish {
  readonly install: Managed
  /** False with `version: "current"`. */
  readonly core: boolean
  readonly version: string | null
  readonly extensions: readonly Managed[]
}

const complete = 'The task is complete.'

/** Plugins or themes, by either spelling. */
const extensionsNamed = (
  known: readonly Managed[],
  asked: InstallatronUpdate,
  spellings: readonly ['plugins' | 'themes', 'plugin' | 'theme'],
): readonly Managed[] => {
  const spelling = spellings.find((name) => asked[name] !== undefined)
  const names = spelling === undefined ? undefined : asked[spelling]
  if (spelling === undefined || names === undefined) return []
  const unknown = names.find((name) => !known.some(({ settings }) => settings.name === name))
  if (unknown !== undefined) throw refuseField(spelling, `${unknown.slice(0, 100)} does not belong to it.`)
  return names.length === 0 ? known : known.filter(({ settings }) => names.includes(settings.name))
}

const wishOf = async (app: AppContext, install: Managed, asked: InstallatronUpdate): Promise<Wish> => {
  const extensions = extensionsOf(app, install)
  const plugins = extensions.filter((one) => !isTheme(one))
  const { version = null } = asked
  const core = version !== 'current'
  const named = core && version !== null && version !== ''
  return {
    install,
    core,
    version: named ? await versionCalled(app, install.settings.name, version) : null,
    extensions: [
      ...extensionsNamed(plugins, asked, ['plugins', 'plugin']),
      ...extensionsNamed(extensions.filter(isTheme), asked, ['themes', 'theme']),
    ],
  }
}

/** What the engine is asked for, in its order: a version goes with one name only. */
const partsOf = ({ install, core, version, extensions }: Wish): readonly (readonly string[])[] => {
  const first = core ? [install.settings.name] : []
  const rest = extensions.map(({ settings }) => settings.name)
  const parts = version === null ? [[...first, ...rest]] : [first, rest]
  return parts.filter((names) => names.length > 0)
}

/** @throws unknown_version */
const checkVersion = async (app: AppContext, { install, version }: Wish): Promise<void> => {
  if (version === null) return
  const known = await versionsOf(app, install.settings.name)
  if (known.some((one) => one.version === version || one.id.startsWith(version))) return
  throw new Refusal(
    400,
    'invalid_argument_version',
    `There is no version ${version.slice(0, 100)}.`,
    'version',
  )
}

const tryOut = async (
  { app }: Call,
  setup: InstallatronSetup,
  wish: Wish,
  check: PlanQuestion['check'],
): Promise<void> => {
  await checkVersion(app, wish)
  if (check === 'all')
    for (const install of [wish.install, ...wish.extensions]) await checkPlace(app, setup, install)
  for (const [index, names] of partsOf(wish).entries()) {
    const version = index === 0 ? wish.version : null
    const plan = await app.engine.plan({ goal: 'upgrade', names, version, hard: false, check })
    const [reason] = plan.needs_plan_hash
    if (reason !== undefined)
      throw new Refusal(400, 'invalid_argument_version_manualupdate', reason, 'version')
    const warnings = plan.applications.flatMap((application) => application.warnings)
    const full = warnings.find((text) => text.includes('no_space'))
    if (full !== undefined) throw new Refusal(500, 'failed_filesystem_quota', full)
  }
}

const carryOut = async (
  call: Call,
  setup: InstallatronSetup,
  wish: Wish,
  background: boolean,
): Promise<string> => {
  for (const install of [wish.install, ...wish.extensions]) await checkPlace(call.app, setup, install)
  const jobs: string[] = []
  for (const [index, names] of partsOf(wish).entries()) {
    const version = index === 0 ? wish.version : null
    const job = await change(call, 'upgrade', names, { version, background }, index === 0)
    if (job !== null) jobs.push(job.id)
  }
  return background && jobs.length > 0
    ? `The task has begun: ${jobs.join(', ')}. GET /tasks shows it.`
    : complete
}

/** POST /installs/{id}/update and /upgrade */
export const update =
  (setup: InstallatronSetup) =>
  async (request: DialectRequest): Promise<DialectAnswer> => {
    const { call, parameters } = request
    const { id = '' } = parameters
    return telling(call, id, async () => {
      const asked = (await fieldsOf(request, 'InstallatronUpdate')) as InstallatronUpdate
      const install = installCalled(call.app, id)
      return telling(call, install.settings.name, async () => {
        await checkUser(setup, install, asked.user)
        const wish = await wishOf(call.app, install, asked)
        const { dryrun = 'none', background = false } = asked
        if (dryrun !== 'none') {
          await tryOut(call, setup, wish, dryrun)
          return doneWith(call, setup, install, 'The test run found nothing in the way.', 'complete_dryrun')
        }
        if (background) await tryOut(call, setup, wish, 'all')
        return doneWith(call, setup, install, await carryOut(call, setup, wish, background))
      })
    })
  }
