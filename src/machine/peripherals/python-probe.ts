import { MoonkeeperError } from '../../contract/error.js'
import type { Commands } from '../../system/commands.js'

/** What a program answered: one of the two. */
interface Answer {
  readonly found?: unknown
  readonly error?: string
}

/**
 * Asks devices what only ioctl and CAN sockets tell, which Node does not have. Whoever runs Klipper has Python.
 * @param program prints {"found": ...} or {"error": "..."}
 * @throws device_failed with what the kernel said; command_failed when there is no Python
 */
export const probe = async (
  commands: Commands,
  program: string,
  args: readonly string[],
): Promise<unknown> => {
  const argv = ['python3', '-c', program, ...args] as const
  const { code, stdout, stderr } = await commands.run(argv, { timeout: 20_000, maxOutput: 4 * 1024 * 1024 })
  try {
    const { found, error } = JSON.parse(stdout.toString('utf8')) as Answer
    if (error !== undefined) throw new MoonkeeperError('device_failed', error)
    return found
  } catch (thrown) {
    if (thrown instanceof MoonkeeperError) throw thrown
    const said = stderr.trim().split('\n').at(-1) ?? ''
    throw new MoonkeeperError(
      'device_failed',
      `The devices could not be asked (${code ?? 'killed'}): ${said}`,
    )
  }
}
