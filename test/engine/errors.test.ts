import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asMoonkeeperError, MoonkeeperError } from '../../src/contract/error.js'

const errno = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`${code}: something, open`), { code, ...more })

test('what a file system refuses says where, and what a person can do', () => {
  const cases = [
    ['EACCES', /^Permission denied \(EACCES\): \/x\/y\. .*ls -ld \/x\/y/],
    ['EPERM', /ls -ld \/x\/y/],
    ['EBUSY', /findmnt \/x\/y/],
    ['EXDEV', /findmnt --target \/x\/y/],
    ['ENOSPC', /^The disk is full .*df -h \/x\/y/],
    ['EDQUOT', /quota/],
    ['EROFS', /read-only.*findmnt --target \/x\/y/],
    ['EMFILE', /Too many files/],
  ] as const
  for (const [code, text] of cases) {
    const error = asMoonkeeperError(errno(code, { path: '/x/y' }))
    const isFull = code === 'ENOSPC' || code === 'EDQUOT'
    assert.equal(error.kind, isFull ? 'no_space' : 'command_failed', code)
    assert.match(error.message, text)
  }
  assert.match(asMoonkeeperError(errno('EXDEV', { path: '/a', dest: '/b' })).message, /: \/a -> \/b\./)
  assert.match(asMoonkeeperError(errno('EACCES', { path: "/it's" })).message, /ls -ld '\/it'\\''s'/)
})

test('other errors stay what they are', () => {
  const own = new MoonkeeperError('busy', 'no')
  assert.equal(asMoonkeeperError(own), own)
  const internal = asMoonkeeperError(errno('ENOENT', { path: '/x' }))
  assert.deepEqual([internal.kind, internal.message], ['internal', 'ENOENT: something, open'])
  assert.equal(asMoonkeeperError('text').message, 'text')
})
