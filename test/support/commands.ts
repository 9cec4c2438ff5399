import type { Privileges } from '../../src/machine/privileges.js'
import type { CommandOptions, CommandResult, Commands } from '../../src/system/commands.js'

export interface Asked {
  readonly argv: readonly string[]
  readonly options: CommandOptions
}

/** How a command ends; what is not said is success without a word. An Error: it does not start. */
export type Ends = (Partial<Omit<CommandResult, 'stdout'>> & { readonly stdout?: string }) | Error

/** Commands that end as they are told, and what was asked of them. */
export const answering = (
  ends: Ends | ((argv: readonly string[], options: CommandOptions) => Ends),
): { readonly commands: Commands; readonly asked: Asked[] } => {
  const asked: Asked[] = []
  return {
    asked,
    commands: {
      run: async (argv, options = {}) => {
        asked.push({ argv, options })
        const end = typeof ends === 'function' ? ends(argv, options) : ends
        if (end instanceof Error) throw end
        const { stdout = '', ...rest } = end
        return { code: 0, stderr: '', ended: null, ...rest, stdout: Buffer.from(stdout) }
      },
    },
  }
}

/** As a daemon has them that runs as root. */
export const asRoot = (commands: Commands): Privileges => ({
  user: 'root',
  requests: [],
  run: (argv, options) => commands.run(argv, options),
  granted: async () => true,
  setPassword: async () => [],
})
