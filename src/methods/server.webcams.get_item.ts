import type { Method } from './context.js'
import { wireWebcam } from './parameters/webcam.js'

export const method: Method<'server.webcams.get_item'> = {
  handle: async (params, { app }) => ({ webcam: wireWebcam(app.webcams.get(params)) }),
}
