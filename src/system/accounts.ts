import type { Files } from './files.js'

/** The users of the operating system, as its own file has them. */
export interface SystemUsers {
  /** The number itself where it has no name. */
  nameOf(uid: number): Promise<string>
  exists(name: string): Promise<boolean>
}

const file = '/etc/passwd'

export const createSystemUsers = (files: Pick<Files, 'readText'>): SystemUsers => {
  const entries = async (): Promise<readonly (readonly string[])[]> =>
    ((await files.readText(file)) ?? '').split('\n').map((line) => line.split(':'))
  return {
    nameOf: async (uid) => {
      const found = (await entries()).find(([, , id]) => id === String(uid))
      return found?.[0] ?? String(uid)
    },
    exists: async (name) => name !== '' && (await entries()).some(([known]) => known === name),
  }
}
