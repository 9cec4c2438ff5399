import type { Method } from './context.js'
import type { Json } from '../contract/json.js'
import { wireWebcam } from './parameters/webcam.js'

export const method: Method<'server.webcams.post_item'> = {
  handle: async ({ uid, extra_data, ...change }, { app }) => {
    const wanted = { uid, name: change.name }
    const webcam = await app.webcams.post(wanted, { ...change, extra_data: extra_data as Json | undefined })
    return { webcam: wireWebcam(webcam) }
  },
}
