import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FrameSplitter } from '../../src/klippy/frames.js'

const texts = (splitter: FrameSplitter, chunk: Buffer): string[] =>
  splitter.push(chunk).map((frame) => frame.toString())

test('frames come out whole, wherever the chunks were cut', () => {
  const frames = ['{"text":"Düse 200 °C"}', '', '{"id":2}']
  const bytes = Buffer.from(frames.map((frame) => `${frame}\x03`).join(''))
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const splitter = new FrameSplitter(100)
    const seen = [...texts(splitter, bytes.subarray(0, cut)), ...texts(splitter, bytes.subarray(cut))]
    assert.deepEqual(seen, frames, `cut at ${cut}`)
  }
})

test('the limit holds for one frame, complete or not, and not for what all frames have together', () => {
  const splitter = new FrameSplitter(4)
  assert.deepEqual(texts(splitter, Buffer.from('1234\x031234\x0312')), ['1234', '1234'])
  assert.deepEqual(splitter.push(Buffer.from('34')), [])
  assert.throws(() => splitter.push(Buffer.from('5')), RangeError)
  assert.throws(() => new FrameSplitter(4).push(Buffer.from('12345\x03')), RangeError)
})
