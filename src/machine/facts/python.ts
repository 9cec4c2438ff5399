import type { MachineSystemInfoResult } from '../../contract/generated/types.js'
import type { Commands } from '../../system/commands.js'

type Python = MachineSystemInfoResult['system_info']['python']

const program =
  'import json, sys; print(json.dumps([list(sys.version_info), sys.version.replace("\\n", " ")]))'

/** The machine's own Python: front ends ask for Moonraker's. */
export const readPython = async (commands: Commands): Promise<Python> => {
  try {
    const { stdout } = await commands.run(['python3', '-I', '-c', program], { timeout: 10_000 })
    const [version, text] = JSON.parse(stdout.toString('utf8')) as [Python['version'], string]
    return { version, version_string: text }
  } catch {
    return { version: [], version_string: '' }
  }
}
