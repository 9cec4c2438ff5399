import type { WncmsProgress } from '../../contract/generated/types.js'
import { isBusy } from '../jobs.js'
import type { Endpoint } from './entry.js'
import { success } from './envelope.js'
import { packageCalled } from './update.js'

export const progress: Endpoint = {
  verbs: ['POST'],
  path: '/api/v1/update/progress',
  shape: 'WncmsProgress',
  toggle: 'wncms_api_update_progress',
  scope: ({ wncms_api_update_progress_auth: isAsked }) => (isAsked ? 'read' : null),
  respond: async (fields, call) => {
    const { itemId: item } = fields as unknown as WncmsProgress
    const name = item === 'core' ? null : packageCalled(call, item)
    const told = { progress: isBusy(call.app, name) ? 1 : 0 }
    return success('Successfully fetched updating progress', told, told)
  },
}
