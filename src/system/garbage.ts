import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/*
 * On a small board memory is taken from Klipper. V8 lets dead things pile up as long as there is room: what is given
 * back in time is never missed.
 */

/** Bytes of buffers after which the young ones are looked through. */
const interval = 1 * 1024 * 1024

/** Bytes of buffers that outlived such looks, and are dead by now, before everything is looked through. */
const mostOld = 3 * 1024 * 1024

/** Without a type: everything. */
type Collect = (options?: { readonly type: 'minor' }) => void

/** V8's own collector, as test tools reach it; null where it cannot be had, which costs memory only. */
const findCollector = (): Collect | null => {
  try {
    setFlagsFromString('--expose-gc')
    return runInNewContext('gc') as Collect
  } catch {
    return null
  }
}

const heldByBuffers = (): number => getHeapStatistics().external_memory

/**
 * The space for young objects stays as small as it is at the start: V8 doubles it whenever much outlives a look, up to
 * some 30 MB, and does not give it back soon. It is looked through more often instead, which costs no time that could
 * be measured.
 */
export const keepYoungSpaceSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1')

let collect: Collect | null | undefined
let passed = 0
/** What was held when everything was looked through last. */
let inUse: number | null = null

const lookThrough = (collector: Collect): void => {
  collector({ type: 'minor' })
  const held = heldByBuffers()
  inUse = Math.min(inUse ?? held, held)
  if (held < inUse + mostOld) return
  collector()
  inUse = heldByBuffers()
}

/**
 * To be told of every chunk of a long stream, when it is done with. V8 lets some 32 MB of dead buffers pile up before it
 * looks for them, and the socket's own come on top of that. A look at the young objects takes well under a millisecond;
 * one at all of them some 10, and comes once in 20 MB or so.
 */
export const chunkDone = (bytes: number): void => {
  passed += bytes
  if (passed < interval) return
  passed = 0
  if (collect === undefined) collect = findCollector()
  if (collect !== null) lookThrough(collect)
}
