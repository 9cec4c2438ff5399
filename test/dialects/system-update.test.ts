import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { curl, dialectScene, type DialectScene } from '../support/dialect-scene.js'
import { makeBuilder } from '../support/farm.js'
import { createSigner } from '../support/minisign.js'
import { emptyJob } from '../support/rpc.js'
import { ask, type HttpReply } from '../support/socket.js'
import { serveWeb } from '../support/web-server.js'

const base = '/api/npm.system_update/2.0'
const signer = createSigner()

interface Image {
  readonly id: number
  readonly state: string
  readonly state_description: string
  readonly progress: number
  readonly checksum?: string
  readonly version?: string
}

interface Update {
  readonly state: string
  readonly state_description: string
  readonly last_state_time: number
  readonly target_version?: string
  readonly update_history: readonly { readonly time: number; readonly version: string }[]
}

let made: Promise<Buffer> | null = null

/** Of the newest `app`. It is made once. */
const signedImage = (t: TestContext): Promise<Buffer> =>
  (made ??= makeBuilder(t, signer).then((builder) => builder.image(['app'])))

/** A client of the document. */
const clientOf = (scene: DialectScene) => {
  const key = { 'X-Api-Key': scene.key }
  const json = (verb: string, where: string, body?: object): Promise<HttpReply> =>
    scene.json(verb, `${base}${where}`, body, key)
  const image = async (id: number): Promise<Image> => (await json('GET', `/images/items/${id}`)).json as Image
  const update = async (): Promise<Update> => (await json('GET', '/update')).json as Update
  /** As its polling script waits. */
  const poll = async <T>(look: () => Promise<T>, wanted: (seen: T) => boolean): Promise<T> => {
    for (let tries = 0; tries < 3000; tries += 1) {
      const seen = await look()
      if (wanted(seen)) return seen
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error('it did not come')
  }
  return {
    json,
    image,
    update,
    post: (where: string, body?: object) => json('POST', where, body),
    upload: (content: Buffer, type = 'application/octet-stream') =>
      ask(scene.port, 'POST', `${base}/images/upload`, { ...key, 'Content-Type': type }, content),
    items: async () => ((await json('GET', '/images')).json as { items: readonly Image[] }).items,
    settled: (id: number) =>
      poll(
        () => image(id),
        ({ state }) => state !== 'UPLOADING' && state !== 'VALIDATING',
      ),
    until: (...states: readonly string[]) => poll(update, ({ state }) => states.includes(state)),
  }
}

const codeOf = ({ status, json }: HttpReply): readonly unknown[] => {
  const { error } = json as { error: { code: number; message: string; data: { code: string } } }
  assert.deepEqual(Object.keys(json as object), ['error'])
  assert.equal(error.code, status)
  return [status, error.data.code]
}

const own = `signing_keys: ${signer.publicKey}\nimage_hosts: 127.0.0.1\nscopes:\n  bob = read\n  api_key = admin\n`

const paths = [
  ['GET', '/images'],
  ['GET', '/images/items/1'],
  ['GET', '/update'],
  ['DELETE', '/images/items/1'],
  ['POST', '/images/fetch'],
  ['POST', '/images/upload'],
  ['POST', '/update/init'],
  ['POST', '/update/start'],
  ['POST', '/update/reset'],
] as const

test('the script of a client that follows the document, and everything beside its way', async (t) => {
  const scene = await dialectScene(t, { own })
  const { json, image, update, post, upload, items, settled, until } = clientOf(scene)
  const content = await signedImage(t)

  await t.test('no key, a wrong one, one that may too little, on every path', async () => {
    const bob = { Authorization: `Bearer ${await scene.token('bob')}` }
    for (const [verb, where] of paths) {
      const body = verb === 'POST' ? {} : undefined
      for (const headers of [{}, { 'X-Api-Key': 'wrong' }, { Authorization: 'Bearer a.b.c' }]) {
        const reply = await scene.json(verb, `${base}${where}`, body, headers)
        assert.deepEqual(codeOf(reply), [401, 'unauthorized'], where)
      }
      const reply = await scene.json(verb, `${base}${where}`, body, bob)
      if (verb !== 'GET') assert.deepEqual(codeOf(reply), [403, 'forbidden'], where)
      else assert.notEqual(reply.status, 403, where)
    }
    const wrong = await json('PUT', '/update')
    assert.deepEqual([wrong.status, wrong.headers.allow], [405, 'GET'])
  })

  await t.test('before there is an image', async () => {
    assert.deepEqual((await json('GET', '/images')).json, { items: [] })
    const idle = await update()
    assert.deepEqual(Object.keys(idle), ['last_state_time', 'state', 'state_description', 'update_history'])
    assert.equal(idle.state, 'IDLE')
    assert.ok(Number.isInteger(idle.last_state_time) && idle.last_state_time > 1_700_000_000)
    assert.deepEqual(
      idle.update_history.map(({ version }) => version),
      ['app v1.0.0-0, page v1.0.0'],
    )
    for (const where of ['/update/init', '/update/start']) {
      const reply = await post(where)
      assert.deepEqual(codeOf(reply), [409, 'job_not_prepared'], where)
    }
    const reset = await post('/update/reset')
    assert.deepEqual([reset.status, reset.body], [204, ''])
    assert.deepEqual(codeOf(await post('/update/init', { image_id: 7 })), [404, 'unknown_image'])
    assert.deepEqual(codeOf(await post('/update/init', { image_id: 'x' })), [400, 'bad_argument'])
    for (const id of ['7', 'x', '1.5', '-1'])
      for (const verb of ['GET', 'DELETE'])
        assert.deepEqual(codeOf(await json(verb, `/images/items/${id}`)), [404, 'unknown_image'], id)
  })

  await t.test('what is no image', async () => {
    for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain', ''])
      assert.deepEqual(codeOf(await upload(content, type)), [415, 'unsupported_type'], type)
    const reply = await upload(Buffer.from('no zip'))
    assert.equal(reply.status, 200)
    const { id } = reply.json as Image
    const invalid = await settled(id)
    assert.deepEqual(Object.keys(invalid).sort(), [
      'checksum',
      'id',
      'progress',
      'state',
      'state_description',
    ])
    assert.equal(invalid.state, 'INVALID')
    assert.notEqual(invalid.state_description, '')
    assert.deepEqual(codeOf(await post('/update/init')), [409, 'job_not_prepared'])
    assert.deepEqual(codeOf(await post('/update/init', { image_id: id })), [409, 'job_not_prepared'])
    const gone = await json('DELETE', `/images/items/${id}`)
    assert.deepEqual([gone.status, gone.body], [204, ''])
    assert.deepEqual(codeOf(await json('GET', `/images/items/${id}`)), [404, 'unknown_image'])
  })

  await t.test('an upload that is cut; while it comes another one is busy', async () => {
    const headers = {
      'X-Api-Key': scene.key,
      'Content-Type': 'application/octet-stream',
      'Content-Length': '1000',
    }
    const cut = httpRequest({
      host: '127.0.0.1',
      port: scene.port,
      method: 'POST',
      path: `${base}/images/upload`,
      headers,
    })
    cut.on('error', () => undefined)
    cut.write('PK')
    const coming = async (): Promise<Image> => {
      for (;;) {
        const [last] = (await items()).slice(-1)
        if (last !== undefined) return last
      }
    }
    const { id, state } = await coming()
    assert.equal(state, 'UPLOADING')
    assert.deepEqual(codeOf(await upload(content)), [503, 'busy'])
    assert.deepEqual(codeOf(await json('DELETE', `/images/items/${id}`)), [409, 'image_in_use'])
    cut.destroy()
    assert.equal((await settled(id)).state, 'UPLOAD_ERROR')
    await json('DELETE', `/images/items/${id}`)
  })

  await t.test('what may not be fetched', async () => {
    for (const body of [{}, { url: 5 }, { url: '' }])
      assert.deepEqual(codeOf(await post('/images/fetch', body)), [400, 'bad_argument'])
    for (const url of [
      'file:///etc/passwd',
      'http://elsewhere.example/image.zip',
      'ftp://127.0.0.1/x',
      'nothing',
    ])
      assert.equal((await post('/images/fetch', { url })).status, 400, url)
    assert.deepEqual(await items(), [])
  })

  await t.test('upload, wait for VALID, init, wait for INITIALIZED, start, wait for IDLE', async () => {
    const file = path.join(scene.folder, 'image.zip')
    writeFileSync(file, content)
    const at = `http://127.0.0.1:${scene.port}${base}`
    const key = ['-H', `X-Api-Key: ${scene.key}`]
    const binary = ['-H', 'Content-Type: application/octet-stream', '--data-binary', `@${file}`]
    const sent = await curl(['-X', 'POST', `${at}/images/upload`, ...key, ...binary])
    assert.equal(sent.status, 200, sent.body)
    const { id } = JSON.parse(sent.body) as Image
    const valid = await settled(id)
    assert.deepEqual(valid, {
      checksum: createHash('sha256').update(content).digest('hex'),
      id,
      progress: 100,
      state: 'VALID',
      state_description: valid.state_description,
      version: '2026.11',
    })
    assert.deepEqual(await items(), [valid])

    const initialized = await curl(['-X', 'POST', `${at}/update/init`, ...key])
    assert.deepEqual([initialized.status, initialized.body], [204, ''])
    const ready = await until('INITIALIZED')
    assert.equal(ready.target_version, '2026.11')
    assert.equal(scene.head(), 'v1.0.0')
    assert.deepEqual(codeOf(await post('/update/init')), [409, 'job_not_prepared'])
    assert.deepEqual(codeOf(await json('DELETE', `/images/items/${id}`)), [409, 'image_in_use'])

    // It survives a restart.
    await scene.restart()
    const after = await until('INITIALIZED')
    assert.deepEqual([after.last_state_time, after.target_version], [ready.last_state_time, '2026.11'])

    scene.hold()
    const started = await curl(['-X', 'POST', `${at}/update/start`, ...key])
    assert.deepEqual([started.status, started.body], [204, ''])
    const running = await update()
    assert.equal(running.state, 'RUNNING')
    for (const where of ['/update/init', '/update/start', '/update/reset'])
      assert.deepEqual(codeOf(await post(where)), [409, 'job_not_prepared'], where)
    const other = await scene.json('POST', '/api/v1/update', { api_token: scene.key, package: 'page' })
    assert.equal(other.status, 409)
    const installs = await scene.json('POST', '/installs/page/update', {}, { 'X-Api-Key': scene.key })
    assert.equal(installs.status, 503)
    scene.release()
    const done = await until('IDLE')
    assert.equal('target_version' in done, false)
    assert.ok(done.last_state_time >= running.last_state_time)
    assert.deepEqual(
      done.update_history.map(({ version }) => version),
      ['app v1.0.0-0, page v1.0.0', '2026.11'],
    )
    assert.ok(done.update_history.every(({ time }) => Number.isInteger(time)))
    assert.match(scene.head(), /^v1\.1\.0-1-g/)
    // Not used any more.
    assert.equal((await json('DELETE', `/images/items/${id}`)).status, 204)
    assert.deepEqual(await items(), [])
  })

  await t.test('an image that is fetched, and reset from every state but RUNNING', async () => {
    await scene.reset()
    const web = await serveWeb(t, (_, response) => void response.end(content))
    const reply = await post('/images/fetch', { url: `${web}/image.zip` })
    assert.equal(reply.status, 200)
    const fetched = reply.json as Image
    assert.ok(fetched.id > 2, 'an id is never given twice')
    assert.equal((await settled(fetched.id)).state, 'VALID', (await image(fetched.id)).state_description)

    assert.equal((await post('/update/init', { image_id: fetched.id })).status, 204)
    await until('INITIALIZED')
    assert.equal((await post('/update/reset')).status, 204)
    assert.equal((await update()).state, 'IDLE')

    // Another job shows too, by its name; one that fails stays until somebody has seen it.
    scene.forge.fault = { kind: 'status', status: 500 }
    const failed = await scene.daemon.ask('machine.update.upgrade', { name: 'page' })
    assert.notEqual(failed?.error, undefined)
    const graceful = await update()
    assert.deepEqual([graceful.state, graceful.target_version], ['FAILED_GRACEFUL', 'page v2.0.0'])
    assert.notEqual(graceful.state_description, '')
    assert.deepEqual(codeOf(await post('/update/init')), [409, 'job_not_prepared'])
    await scene.restart()
    assert.equal((await update()).last_state_time, graceful.last_state_time)
    assert.equal((await post('/update/reset')).status, 204)
    const idle = await update()
    assert.equal(idle.state, 'IDLE')
    await scene.restart()
    assert.deepEqual(await update(), idle)
  })

  await t.test('an update that was begun elsewhere', async () => {
    scene.hold()
    const begun = scene.daemon.ask('machine.update.upgrade', { name: 'app', version: 'v1.1.0' })
    await scene.until('running')
    const running = await update()
    assert.deepEqual([running.state, running.target_version], ['RUNNING', 'app v1.1.0-0'])
    assert.deepEqual(codeOf(await post('/update/init')), [409, 'job_not_prepared'])
    scene.release()
    await begun
    const { state, update_history: history } = await update()
    assert.deepEqual([state, history.at(-1)?.version], ['IDLE', 'app v1.1.0-0'])
  })
})

/** An earlier life left something half undone. */
const leaveHalfDone = (folder: string): void => {
  const jobs = path.join(folder, 'data/moonkeeper/jobs')
  mkdirSync(jobs, { recursive: true })
  const id = '00000000-0000-4000-8000-000000000000'
  const job = {
    ...emptyJob,
    id,
    state: 'needs_person',
    applications: [{ name: 'app', from: 'v1.0.0', to: 'v1.1.0', outcome: 'needs_person' }],
    error: { code: 'recovery_failed', message: 'app: look at its folder, then recover it.' },
    created_at: 1_700_000_000,
    started_at: 1_700_000_001,
    ended_at: 1_700_000_002.5,
  }
  const request = {
    names: ['app'],
    version: null,
    hard: false,
    updateDependencies: false,
    planHash: null,
    idempotencyKey: null,
    fingerprint: '',
    background: true,
    targets: [],
  }
  writeFileSync(path.join(jobs, `${id}.json`), JSON.stringify({ job, number: 1, request }))
}

test('what needs a person is critical, until somebody has seen it', async (t) => {
  const scene = await dialectScene(t, {
    before: ({ folder }) => {
      leaveHalfDone(folder)
      return undefined
    },
  })
  const { update, post } = clientOf(scene)
  const { state, state_description: why, last_state_time: since, target_version: target } = await update()
  assert.deepEqual(
    [state, why, since, target],
    ['FAILED_CRITICAL', 'app: look at its folder, then recover it.', 1_700_000_002, 'app v1.1.0'],
  )
  assert.deepEqual(codeOf(await post('/update/init')), [409, 'job_not_prepared'])
  assert.equal((await post('/update/reset')).status, 204)
  assert.equal((await update()).state, 'IDLE')
  await scene.restart()
  assert.equal((await update()).state, 'IDLE')
})
