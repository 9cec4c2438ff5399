import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes of buffers after which the young ones are looked through. */
const interval = 1 * 1024 * 1024

type Collect = (options: { readonly type: 'minor' }) => void

/** V8's own collector, as test tools reach it; null where it cannot be had, which costs memory only. */
const findCollector = (): Collect | null => {
  try {
    setFlagsFromString('--expose-gc')
    return runInNewContext('gc') as Collect
  } catch {
    return null
  }
}

let collect: Collect | null | undefined
let passed = 0

/**
 * To be told of every chunk of a long stream, when it is done with. V8 lets some 32 MB of dead buffers pile up before it
 * looks for them, and the socket's own come on top of that: on a small board that is memory taken from Klipper. A look
 * at the young objects takes well under a millisecond.
 */
export const chunkDone = (bytes: number): void => {
  passed += bytes
  if (passed < interval) return
  passed = 0
  if (collect === undefined) collect = findCollector()
  collect?.({ type: 'minor' })
}
