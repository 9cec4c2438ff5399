import type { Method } from './context.js'

export const method: Method<'server.files.get_directory'> = {
  handle: async ({ path = 'gcodes' }, { app }) => {
    const { dirs, files, disk_usage, root_info } = await app.files.directory(path)
    return { dirs: [...dirs], files: [...files], disk_usage, root_info }
  },
}
