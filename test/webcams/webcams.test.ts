import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { Json } from '../../src/contract/json.js'
import type { Database } from '../../src/database/database.js'
import { systemHttp } from '../../src/system/http.js'
import { uuid5 } from '../../src/webcams/uuid5.js'
import { Webcams } from '../../src/webcams/webcams.js'
import type { Webcam } from '../../src/webcams/webcam.js'
import { makeDatabase } from '../support/database.js'
import { serveWeb } from '../support/web-server.js'

interface Bench {
  readonly webcams: Webcams
  readonly store: Database
  readonly told: (readonly Webcam[])[]
}

type Configured = { readonly name: string; readonly stream_url: string; readonly enabled?: boolean }

const makeBench = async (t: TestContext, configured: readonly Configured[] = []): Promise<Bench> => {
  const { store } = await makeDatabase(t)
  await store.change((transaction) =>
    transaction.write('moonraker', 'instance_id', '6ba7b8109dad11d180b400c04fd430c8'),
  )
  const told: (readonly Webcam[])[] = []
  let ids = 0
  const webcams = new Webcams({
    database: store,
    configured: () => configured,
    http: systemHttp,
    newId: () => `id-${(ids += 1)}`,
    changed: (list) => void told.push(list),
  })
  return { webcams, store, told }
}

const bed = { name: 'bed', stream_url: '/webcam/?action=stream' }
const added: Webcam = {
  name: 'bed',
  enabled: true,
  icon: 'mdiWebcam',
  aspect_ratio: '4:3',
  target_fps: 15,
  target_fps_idle: 5,
  location: 'printer',
  service: 'mjpegstreamer',
  stream_url: '/webcam/?action=stream',
  snapshot_url: '',
  flip_horizontal: false,
  flip_vertical: false,
  rotation: 0,
  source: 'database',
  extra_data: {},
  uid: 'id-1',
}

test('a camera is added with what is usual, changed where it is said, and removed', async (t) => {
  const { webcams, told } = await makeBench(t)
  assert.deepEqual(await webcams.post({ name: 'bed' }, bed), added)
  const changed = { ...added, rotation: 90, enabled: false, extra_data: { x: 1 } }
  assert.deepEqual(
    await webcams.post({ name: 'bed' }, { name: 'bed', rotation: 90, enabled: false, extra_data: { x: 1 } }),
    changed,
  )
  assert.deepEqual(webcams.get({ uid: 'id-1' }), changed)
  const renamed = await webcams.post({ uid: 'id-1', name: 'top' }, { name: 'top' })
  assert.deepEqual([renamed.name, renamed.rotation, webcams.list().length], ['top', 90, 1])
  assert.equal((await webcams.remove({ name: 'top' })).uid, 'id-1')
  assert.deepEqual(webcams.list(), [])
  assert.deepEqual(
    told.map((list) => list.map(({ name }) => name)),
    [['bed'], ['bed'], ['top'], []],
  )
})

test('it is in the database as Moonraker has it', async (t) => {
  const { webcams, store } = await makeBench(t)
  await webcams.post({ name: 'bed' }, bed)
  assert.deepEqual(store.entries('webcams'), [
    [
      'id-1',
      {
        name: 'bed',
        service: 'mjpegstreamer',
        targetFps: 15,
        urlStream: '/webcam/?action=stream',
        urlSnapshot: '',
        flipX: false,
        flipY: false,
        enabled: true,
        targetFpsIdle: 5,
        aspectRatio: '4:3',
        icon: 'mdiWebcam',
        location: 'printer',
        rotation: 0,
        extra_data: {},
      },
    ],
  ])
})

test('whatever others wrote there is no reason to fail', async (t) => {
  const { webcams, store } = await makeBench(t)
  const records: readonly [string, Json][] = [
    ['old', { name: 'old', rotate: 180, targetFps: '20', urlStream: '/x', flipX: 1 }],
    ['text', 'nonsense'],
    ['list', [1]],
    ['nameless', { urlStream: '/x' }],
    ['crooked', { name: 'crooked', rotation: 45 }],
    ['flat', { name: 'flat', aspectRatio: 'wide' }],
    ['twice', { name: 'old', urlStream: '/y' }],
    ['wild', { name: 'wild', targetFps: {}, icon: null, rotation: null, enabled: 'yes' }],
  ]
  await store.change((transaction) => {
    for (const [key, record] of records) transaction.write('webcams', key, record)
  })
  const list = webcams.list()
  assert.deepEqual(
    list.map(({ uid, rotation, target_fps, icon }) => [uid, rotation, target_fps, icon]),
    [
      ['old', 180, 20, 'mdiWebcam'],
      ['wild', 0, 15, 'mdiWebcam'],
    ],
  )
})

test('what is refused changes nothing', async (t) => {
  const { webcams, told } = await makeBench(t, [{ name: 'fixed', stream_url: '/fixed' }])
  await webcams.post({ name: 'bed' }, bed)
  await webcams.post({ name: 'top' }, { ...bed, name: 'top' })
  const before = webcams.list()
  const attempts: readonly [Parameters<Webcams['post']>, object][] = [
    [[{}, {}], { kind: 'missing_argument', message: 'No data for argument: name' }],
    [
      [{ name: 'new' }, { name: 'new' }],
      { kind: 'missing_argument', message: 'No data for argument: stream_url' },
    ],
    [[{ uid: 'none' }, bed], { kind: 'not_found', message: 'Webcam with UID none not found' }],
    [[{ name: 'bed' }, { ...bed, rotation: 45 }], { message: "Invalid value for 'rotation': 45" }],
    [
      [{ name: 'bed' }, { ...bed, aspect_ratio: '4x3' }],
      { message: "Invalid value for 'aspect_ratio': 4x3" },
    ],
    [
      [{ uid: 'id-1' }, { name: 'top' }],
      { kind: 'refused', message: /^Cannot rename webcam from 'bed' to 'top'/ },
    ],
    [[{ uid: 'id-1' }, { name: 'fixed' }], { kind: 'refused' }],
    [[{ name: 'fixed' }, { name: 'fixed', rotation: 90 }], { message: /^Cannot overwrite webcam 'fixed'/ }],
  ]
  for (const [[wanted, change], refusal] of attempts)
    await assert.rejects(webcams.post(wanted, change), refusal)
  await assert.rejects(webcams.remove({ name: 'fixed' }), { message: /^Cannot delete webcam 'fixed'/ })
  await assert.rejects(webcams.remove({ name: 'none' }), {
    kind: 'not_found',
    message: 'Webcam none not found',
  })
  assert.throws(() => webcams.get({}), { kind: 'missing_argument' })
  assert.throws(() => webcams.get({ uid: 'x', name: 'bed' }), { kind: 'not_found' })
  assert.deepEqual([webcams.list(), told.length], [before, 2])
})

test('those of the configuration come first, with an id that stays', async (t) => {
  const { webcams } = await makeBench(t, [{ name: 'fixed', stream_url: '/fixed', enabled: false }])
  await webcams.post({ name: 'bed' }, bed)
  const [fixed, other] = webcams.list()
  assert.deepEqual(
    [fixed?.name, fixed?.source, fixed?.enabled, other?.name],
    ['fixed', 'config', false, 'bed'],
  )
  assert.equal(fixed?.uid, webcams.get({ uid: fixed?.uid }).uid)
})

test('an id of a name is the one that others make of it', () => {
  // RFC 9562, A.4.
  assert.equal(
    uuid5('6ba7b8109dad11d180b400c04fd430c8', 'www.example.com'),
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  )
})

describe('a test of a camera', () => {
  test('says whether a picture comes', async (t) => {
    const { webcams } = await makeBench(t)
    const server = await serveWeb(t, (request, response) => {
      response.statusCode = request.url === '/good' ? 200 : 404
      response.end('picture')
    })
    const test = async (snapshot_url: string): Promise<unknown> => {
      await webcams.post({ name: 'bed' }, { ...bed, snapshot_url })
      return webcams.test({ name: 'bed' })
    }
    const stream_url = 'http://127.0.0.1/webcam/?action=stream'
    for (const [url, snapshot_reachable] of [
      [`${server}/good`, true],
      [`${server}/bad`, false],
      ['http://127.0.0.1:1/', false],
      ['rtsp://127.0.0.1/good', false],
    ] as const)
      assert.deepEqual(await test(url), { name: 'bed', snapshot_reachable, snapshot_url: url, stream_url })
    assert.deepEqual(await test(''), { name: 'bed', snapshot_reachable: false, snapshot_url: '', stream_url })
    await assert.rejects(webcams.test({ name: 'none' }), { kind: 'not_found' })
  })
})
