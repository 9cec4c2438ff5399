import { asMoonkeeperError, MoonkeeperError } from '../../contract/error.js'
import type { WncmsUpdate } from '../../contract/generated/types.js'
import type { Call } from '../../methods/context.js'
import { applicationCalled, statusOf, versionCalled, versionOf } from '../applications.js'
import { change } from '../change.js'
import type { Endpoint } from './entry.js'
import { refuseUpdate, success } from './envelope.js'

/** @throws unknown_application */
export const packageCalled = ({ app }: Call, text: string): string => {
  const name = applicationCalled(app, text)
  if (name !== null) return name
  throw new MoonkeeperError('unknown_application', `There is no package ${text.slice(0, 100)} here`)
}

export const update: Endpoint = {
  verbs: ['POST'],
  path: '/api/v1/update',
  shape: 'WncmsUpdate',
  toggle: 'wncms_api_update',
  scope: () => 'admin',
  closed: ({ disable_core_update: isOff }) => (isOff ? 'Core update disabled' : null),
  respond: async (fields, call) => {
    const { package: wanted, version = null } = fields as unknown as WncmsUpdate
    try {
      const name = packageCalled(call, wanted)
      const named = version === null || version === '' ? null : await versionCalled(call.app, name, version)
      await change(call, 'upgrade', [name], { version: named })
      const installed = { version: versionOf(statusOf(call.app, name)) }
      return success('Successfully updated', installed, installed)
    } catch (thrown) {
      if (!(thrown instanceof MoonkeeperError) && asMoonkeeperError(thrown).kind === 'internal') throw thrown
      return refuseUpdate(asMoonkeeperError(thrown))
    }
  },
}
