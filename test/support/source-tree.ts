import type { SourceTree } from '../../src/dependencies/source-tree.js'

/** Files by their path. */
export const treeOf = (files: Readonly<Record<string, string>>): SourceTree => ({
  read: async (file) => {
    const text = Object.hasOwn(files, file) ? files[file] : undefined
    return text === undefined ? { problem: 'absent' } : { text }
  },
})
