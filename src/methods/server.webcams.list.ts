import type { Method } from './context.js'
import { wireWebcam } from './parameters/webcam.js'

export const method: Method<'server.webcams.list'> = {
  handle: async (_params, { app }) => ({ webcams: app.webcams.list().map(wireWebcam) }),
}
