import type { Progress } from '../contract.js'
import type { PythonApplication } from './application.js'

/** What pip says of the part of its work that it does, for people. */
export interface PipLines {
  /** Of a look at what would be installed. */
  readonly whileResolving: (line: string) => void
  /** Of a build: that is what takes long. */
  readonly whileBuilding: (line: string) => void
  /** Of an install from what is here already. */
  readonly whileInstalling: (line: string) => void
  /** Of an install that also looks and gets. */
  readonly all: (line: string) => void
  /** Says now and then what goes on, where pip says nothing for long: it builds for minutes without a word. */
  during<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

/** Milliseconds. */
const patience = 60_000

const isNotice = (line: string): boolean => /^\[notice\]/.test(line)
const isBuilding = (line: string): boolean =>
  /^(?:Building|Getting requirements|Preparing metadata|Installing build|Created wheel|Stored in|Successfully built)/.test(
    line,
  )

/** After these pip is silent as long as it takes; after others it waits for the network, and for that there are limits. */
const isLong = (line: string): boolean =>
  / started$|^Installing collected packages|^Building wheels/.test(line)

export const pipLines = ({ outside }: PythonApplication, progress: Progress): PipLines => {
  let last = ''
  let installing = false
  const all = (line: string): void => {
    if (isNotice(line)) return
    last = line
    progress(line)
  }
  return {
    all,
    whileResolving: (line) => {
      if (!line.startsWith('Would install ')) all(line)
    },
    whileBuilding: (line) => {
      if (isBuilding(line)) all(line)
    },
    whileInstalling: (line) => {
      installing ||= line.startsWith('Installing collected packages')
      if (installing) all(line)
    },
    async during(signal, work) {
      const over = new AbortController()
      const both = AbortSignal.any([signal, over.signal])
      const beat = async (): Promise<void> => {
        for (let minutes = 1; ; minutes += 1) {
          await outside.clock.wait(patience, both)
          if (isLong(last)) progress(`${last} (for ${minutes} min)`)
        }
      }
      const beating = beat().catch(() => undefined)
      try {
        return await work()
      } finally {
        over.abort()
        await beating
      }
    },
  }
}
