import type { KernelFiles } from '../../src/system/kernel-files.js'

/** Files of a kernel that is not there. */
export const fakeKernel = (texts: Map<string, string>): KernelFiles & { readonly opened: Set<string> } => {
  const open = new Set<string>()
  return {
    opened: open,
    open: (file) => ({
      read: () => {
        open.add(file)
        return texts.get(file) ?? null
      },
      close: () => void open.delete(file),
    }),
  }
}
