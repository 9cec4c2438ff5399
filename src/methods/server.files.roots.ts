import type { Method } from './context.js'

export const method: Method<'server.files.roots'> = {
  handle: async (_params, { app }) =>
    app.files.roots().map(({ name, path, writable }) => ({ name, path, permissions: writable ? 'rw' : 'r' })),
}
