// As little of WebSocket and HTTP as a load generator needs: what is measured is the server, so the client must be
// cheap. Answers are counted, not read.

const headLength = 64

/** A masked text frame. The mask is zero, which leaves the payload as it is. */
export const textFrame = (text) => frame(0x81, Buffer.from(text))

export const pongFrame = frame(0x8a, Buffer.alloc(0))

function frame(first, payload) {
  const { length } = payload
  const sizes = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([first, ...sizes, 0, 0, 0, 0]), payload])
}

/** The frame that begins at `at`; null when its header is not whole. */
const frameHeader = (data, at) => {
  if (at + 2 > data.length) return null
  const opcode = data[at] & 15
  const size = data[at + 1] & 127
  if (size < 126) return { opcode, length: 2, size }
  const length = size === 126 ? 4 : 10
  if (at + length > data.length) return null
  return {
    opcode,
    length,
    size: size === 126 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2)),
  }
}

/** Where an HTTP answer's body begins and how long it is; null when its header is not whole. */
const answerHeader = (data, at) => {
  const bodyAt = data.indexOf('\r\n\r\n', at) + 4
  if (bodyAt < 4) return null
  const size = /^content-length: (\d+)/im.exec(data.latin1Slice(at, bodyAt))?.[1]
  if (size === undefined || !data.latin1Slice(at, at + 12).endsWith(' 200'))
    throw new Error('not the wanted answer')
  return { opcode: 1, length: bodyAt - at, size: Number(size) }
}

/** Calls `whole` with the opcode and the beginning of every frame (or HTTP answer) that has arrived wholly. */
const createReader = (headerAt, whole) => {
  let rest = Buffer.alloc(0)
  let current = null
  let left = 0
  let head = ''
  return (chunk) => {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (at < data.length) {
      if (current === null) {
        current = headerAt(data, at)
        if (current === null) break
        at += current.length
        left = current.size
        head = ''
      }
      const taken = Math.min(left, data.length - at)
      if (head.length < headLength) head += data.latin1Slice(at, at + Math.min(taken, headLength))
      at += taken
      left -= taken
      if (left > 0) continue
      const { opcode } = current
      current = null
      whole(opcode, head)
    }
    rest = data.subarray(at)
  }
}

export const createFrameReader = (whole) => createReader(frameHeader, whole)

export const createAnswerReader = (whole) => createReader(answerHeader, whole)
