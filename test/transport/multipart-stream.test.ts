import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { boundaryOf, MultipartParser } from '../../src/transport/multipart-stream.js'

interface Part {
  readonly name: string
  readonly filename: string | null
  readonly content: string
}

/** What a body says when it comes in pieces of this size; bytes as latin1. */
const parse = (body: Buffer, boundary: string, size: number): Part[] => {
  const parser = new MultipartParser(boundary)
  const parts: { name: string; filename: string | null; bytes: Buffer[]; ended: boolean }[] = []
  for (let at = 0; at < body.length; at += size)
    for (const event of parser.push(body.subarray(at, at + size))) {
      const last = parts.at(-1)
      if (event.kind === 'part')
        parts.push({ name: event.name, filename: event.filename, bytes: [], ended: false })
      else if (event.kind === 'data') last?.bytes.push(Buffer.from(event.bytes))
      else if (last !== undefined) last.ended = true
    }
  parser.finish()
  assert.ok(parts.every(({ ended }) => ended))
  return parts.map(({ name, filename, bytes }) => ({
    name,
    filename,
    content: Buffer.concat(bytes).toString('latin1'),
  }))
}

const bodyOf = (boundary: string, parts: readonly Part[]): Buffer =>
  Buffer.concat([
    ...parts.flatMap(({ name, filename, content }) => [
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${filename === null ? '' : `; filename="${filename}"`}\r\n\r\n`,
      ),
      Buffer.from(content, 'latin1'),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ])

test('any content, in pieces of any size', () => {
  const content = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text).toString('latin1')),
    fc.array(fc.constantFrom('\r\n', '--', '-', 'bound', '\r', '\n', 'x')).map((pieces) => pieces.join('')),
  )
  const name = fc.stringMatching(/^[a-z]{1,8}$/)
  const part = fc.record({ name, filename: fc.option(name), content }, { noNullPrototype: true })
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), fc.integer({ min: 1, max: 50 }), (parts, size) => {
      const fine = parts.filter((one) => !`\r\n${one.content}`.includes('\r\n--bound'))
      assert.deepEqual(parse(bodyOf('bound', fine), 'bound', size), fine)
    }),
  )
})

test('names of files as browsers and programs write them', () => {
  const heads: readonly [string, string][] = [
    ['name="file"; filename="a b.cfg"', 'a b.cfg'],
    ['name=file; filename=plain.cfg', 'plain.cfg'],
    ['filename="first.cfg"; name="file"', 'first.cfg'],
    ['name="file"; filename="ü.cfg"', 'ü.cfg'],
    ['name="file"; filename="x"; filename*=UTF-8\'\'na%C3%AFve.cfg', 'naïve.cfg'],
    ['name="file"; filename="a\\"b.cfg"', 'a"b.cfg'],
    ['name="file"; filename=""', ''],
  ]
  for (const [head, filename] of heads) {
    const body = Buffer.from(`--b\r\ncontent-disposition: form-data; ${head}\r\nX: y\r\n\r\nz\r\n--b--`)
    assert.deepEqual(parse(body, 'b', 7), [{ name: 'file', filename, content: 'z' }], head)
  }
})

describe('what is damaged is refused, and nothing grows', () => {
  const head = 'Content-Disposition: form-data; name="file"; filename="a"'
  const bodies: readonly [string, string][] = [
    ['nothing at all', ''],
    ['no end', `--b\r\n${head}\r\n\r\nx`],
    ['no end of the last boundary', `--b\r\n${head}\r\n\r\nx\r\n--b`],
    ['no head', '--b\r\n\r\n\r\nx\r\n--b--'],
    ['no name', '--b\r\nContent-Disposition: form-data; filename="a"\r\n\r\nx\r\n--b--'],
    ['an endless head', `--b\r\n${'X: y\r\n'.repeat(10_000)}`],
    ['a boundary with something behind it', `--bzz\r\n${head}\r\n\r\nx\r\n--bzz--`],
    ['an endless line behind a boundary', `--b${' '.repeat(10_000)}`],
    [
      'a name that is no UTF-8',
      "--b\r\nContent-Disposition: form-data; name=f; filename*=UTF-8''%ff\r\n\r\nx\r\n--b--",
    ],
    ['no form', 'just a text'],
  ]
  for (const [name, body] of bodies)
    test(name, () => {
      assert.throws(() => parse(Buffer.from(body), 'b', 16), { kind: 'bad_argument' })
    })
})

test('the boundary, quoted or not', () => {
  assert.equal(boundaryOf('multipart/form-data; boundary=abc'), 'abc')
  assert.equal(boundaryOf('Multipart/Form-Data; charset=x; boundary="a b"'), 'a b')
  for (const type of [
    '',
    'text/plain',
    'multipart/form-data',
    `multipart/form-data; boundary=${'x'.repeat(300)}`,
  ])
    assert.throws(() => boundaryOf(type), { kind: 'bad_argument' })
})
