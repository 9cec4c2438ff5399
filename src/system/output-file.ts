import { open } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { lineSplitter } from './line-splitter.js'

const pause = 100
const chunkSize = 64 * 1024
/** As much of the end is kept. */
const mostKept = 1024 * 1024

/**
 * Reads a file while a command writes it.
 * @param onLine called for every line as it comes; a carriage return ends none
 * @param done resolves when nothing more is written
 * @returns the end of what was written
 */
export const followFile = async (
  file: string,
  onLine: (line: string) => void,
  done: Promise<unknown>,
): Promise<string> => {
  const handle = await open(file, 'r')
  const lines = lineSplitter(onLine, /\n/)
  const buffer = Buffer.alloc(chunkSize)
  let kept = Buffer.alloc(0)
  let over = false
  const end = done.then(
    () => (over = true),
    () => (over = true),
  )
  const readAll = async (): Promise<void> => {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null)
      if (bytesRead === 0) return
      const chunk = Buffer.from(buffer.subarray(0, bytesRead))
      kept = Buffer.concat([kept, chunk]).subarray(-mostKept)
      lines.push(chunk)
    }
  }
  try {
    while (!isOver()) {
      await readAll()
      await Promise.race([end, wait(pause)])
    }
    await readAll()
    lines.end()
    return kept.toString('utf8')
  } finally {
    await handle.close()
  }

  function isOver(): boolean {
    return over
  }
}
