import type { Command } from '../command.js'
import { call } from './call.js'
import { doctor } from './doctor.js'
import { history } from './history.js'
import { image } from './image.js'
import { jobs } from './jobs.js'
import { log } from './log.js'
import { pin } from './pin.js'
import { plan } from './plan.js'
import { recover } from './recover.js'
import { refresh } from './refresh.js'
import { rollback } from './rollback.js'
import { status } from './status.js'
import { upgrade } from './upgrade.js'
import { versions } from './versions.js'

/** Every command of the client, in the order of its help. */
export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    status,
    refresh,
    plan,
    upgrade,
    rollback,
    recover,
    versions,
    pin,
    image,
    jobs,
    log,
    history,
    doctor,
    call,
  }),
)
