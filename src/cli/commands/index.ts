import type { Command } from '../command.js'
import { call } from './call.js'
import { history } from './history.js'
import { log } from './log.js'
import { recover } from './recover.js'
import { refresh } from './refresh.js'
import { rollback } from './rollback.js'
import { status } from './status.js'
import { upgrade } from './upgrade.js'

/** Every command of the client, in the order of its help. */
export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({ status, refresh, upgrade, recover, rollback, history, log, call }),
)
