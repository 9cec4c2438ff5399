import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { demoBanner } from '../../src/demo/banner.js'

describe('demoBanner', () => {
  const facts = { address: 'http://127.0.0.1:7125', dataPath: '/data', managed: [] }
  const demo = { name: 'demo-app', version: 'v1.0.0-0', remoteVersion: 'v1.2.0-0' }

  it('says where it answers', () => {
    const first = (address: string): string | undefined => demoBanner({ ...facts, address }).split('\n')[0]
    assert.equal(first('http://[::1]:80'), 'Moonkeeper answers at http://[::1]:80 (data: /data).')
    assert.equal(first('http://127.0.0.1:80'), 'Moonkeeper answers at http://127.0.0.1:80 (data: /data).')
    assert.equal(first(''), 'Moonkeeper answers on its Unix socket (data: /data).')
  })

  it('says what it looks after, and what to try', () => {
    const known = { name: 'klipper', version: 'v0.12.0-1', remoteVersion: 'v0.12.0-1' }
    const unknown = { name: 'new', version: '?', remoteVersion: '?' }
    const text = demoBanner({ ...facts, managed: [known, unknown, demo] })
    assert.match(
      text,
      /^ {2}klipper v0\.12\.0-1\n {2}new: not looked at yet\n {2}demo-app v1\.0\.0-0, v1\.2\.0-0 is/m,
    )
    assert.match(text, /npx moonkeeper upgrade demo-app\n/)
    assert.match(demoBanner({ ...facts, managed: [known] }), /npx moonkeeper status\n/)
    assert.match(demoBanner(facts), /not looked at any application yet[^]*npx moonkeeper status\n/)
  })
})
