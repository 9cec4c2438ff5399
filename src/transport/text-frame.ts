import { lengthOf, type Encoded } from '../contract/encoded.js'

/** RFC 6455, 5.2: a final text frame of a server, which is not masked. */
const header = (length: number): Buffer => {
  if (length < 126) return Buffer.from([0x81, length])
  if (length < 65536) return Buffer.from([0x81, 126, length >> 8, length & 255])
  const long = Buffer.alloc(10)
  long.writeUInt16BE(0x817f)
  long.writeBigUInt64BE(BigInt(length), 2)
  return long
}

/**
 * A text as one WebSocket frame. `ws` takes a frame's payload in one piece only: to put 20 or more kilobytes together
 * again for everyone who asks costs more than all the rest of an answer.
 */
export const textFrame = (text: Encoded): Encoded => [header(lengthOf(text)), ...text]
