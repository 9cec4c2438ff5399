import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PlanQuestion } from '../../../src/engine/engine.js'
import { releaseOf, releaseScene, type ReleaseScene } from '../../support/release-scene.js'

const notesIn = async (at: ReleaseScene, more: Partial<PlanQuestion> = {}): Promise<string | undefined> => {
  const question = { goal: 'upgrade', names: ['app'], version: null, hard: false, check: 'all' } as const
  const { applications } = await at.bench.engine.plan({ ...question, ...more })
  return applications[0]?.release_notes
}

test('a plan has what the authors say of the release, also of one that is named', async (t) => {
  const releases = [
    releaseOf('v3.0.0', { body: '# Three\r\n\r\n- better\r\n' }),
    releaseOf('v2.0.0', { body: 'two' }),
  ]
  const at = await releaseScene(t, { releases })
  assert.equal(await notesIn(at), '# Three\n\n- better')
  assert.equal(await notesIn(at, { version: 'v2.0.0' }), 'two')
  await at.bench.engine.upgrade('app')
  at.forge.vanish()
  // What is kept lies here without them.
  assert.equal(await notesIn(at, { goal: 'rollback' }), undefined)
})

test('what authors say is shown harmless, and not all of it', async (t) => {
  const body = `<script>alert(1)</script>\u0007${'😀'.repeat(4000)}`
  const at = await releaseScene(t, { releases: [releaseOf('v2.0.0', { body })] })
  const notes = (await notesIn(at)) ?? ''
  assert.equal(notes.includes('<script'), false)
  assert.equal(notes.includes('\u0007'), false)
  assert.ok(notes.length <= 4000 && notes.endsWith('…'), String(notes.length))
  assert.equal(Buffer.from(notes).toString(), notes, 'no half a character')
})

for (const body of [null, '', undefined]) {
  test(`a release without notes (${JSON.stringify(body)}) has none`, async (t) => {
    const release = releaseOf('v2.0.0', body === undefined ? {} : { body })
    const at = await releaseScene(t, { releases: [release] })
    assert.equal(await notesIn(at), '')
  })
}
