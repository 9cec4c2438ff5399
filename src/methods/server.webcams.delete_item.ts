import type { Method } from './context.js'
import { wireWebcam } from './parameters/webcam.js'

export const method: Method<'server.webcams.delete_item'> = {
  handle: async (params, { app }) => ({ webcam: wireWebcam(await app.webcams.remove(params)) }),
}
