import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { until } from '../support/klippy.js'
import { printerRig, type PrinterRig, type Talker } from '../support/printer.js'
import { ask, type HttpReply } from '../support/socket.js'

const rigAndTalker = async (t: TestContext): Promise<PrinterRig & { readonly talker: Talker }> => {
  const rig = await printerRig(t)
  return { ...rig, talker: await rig.open() }
}

const resultOf = ({ json }: HttpReply): unknown => (json as { result?: unknown }).result
const messageOf = ({ json }: HttpReply): unknown => (json as { error?: { message?: unknown } }).error?.message
const json = { 'Content-Type': 'application/json' }

describe('over the WebSocket', () => {
  test("Klipper's methods are passed on with all that was given, and come back as they are", async (t) => {
    const { klippy, talker } = await rigAndTalker(t)
    klippy.odd.set('gcode/help', { result: { G28: 'Home' } })
    assert.deepEqual((await talker.ask('printer.gcode.help', { more: 1 })).result, { G28: 'Home' })
    assert.deepEqual(klippy.asked('gcode/help')[0]?.params, { more: 1 })
    assert.equal((await talker.ask('printer.gcode.script', { script: 'G28' })).result, 'ok')
    assert.deepEqual((await talker.ask('printer.info')).result, {
      ...klippy.objects.webhooks,
      hostname: 'fake',
      klipper_path: '/home/pi/klipper',
      python_path: '/home/pi/klippy-env/bin/python',
      software_version: 'v0.12.0-1-gfake',
    })
  })

  test('methods that only Klipper knows are there as soon as it offers them', async (t) => {
    const { klippy, connection, talker } = await rigAndTalker(t)
    const unknown = { code: -32601, message: 'Method not found', data: { code: 'method_not_found' } }
    assert.deepEqual((await talker.ask('printer.bed_mesh.dump_mesh')).error, unknown)
    klippy.endpoints.push('bed_mesh/dump_mesh')
    klippy.odd.set('bed_mesh/dump_mesh', { result: { current_mesh: {} } })
    klippy.drop()
    await talker.hear('notify_klippy_ready')
    assert.deepEqual((await talker.ask('printer.bed_mesh.dump_mesh', { mesh_args: { a: 1 } })).result, {
      current_mesh: {},
    })
    assert.deepEqual(klippy.asked('bed_mesh/dump_mesh')[0]?.params, { mesh_args: { a: 1 } })
    talker.client.socket.send(
      '{"jsonrpc":"2.0","method":"printer.bed_mesh.dump_mesh","params":[],"id":"list"}',
    )
    await until(connection, () => connection.state === 'ready')
    for (const method of [
      'printer.list_endpoints',
      'printer.register_remote_method',
      'printer.gcode.subscribe_output',
    ])
      assert.deepEqual((await talker.ask(method)).error, unknown)
  })

  test('no answer can be turned against this server by a template', async (t) => {
    const { klippy, talker } = await rigAndTalker(t)
    await talker.ask('printer.gcode.help', { response_template: { method: 'moonkeeper_status' }, kept: true })
    assert.deepEqual(klippy.asked('gcode/help')[0]?.params, { kept: true })
    await talker.ask('printer.objects.subscribe', {
      objects: { toolhead: null },
      response_template: { method: 'mine' },
    })
    assert.deepEqual(klippy.asked('objects/subscribe').at(-1)?.params.response_template, {
      method: 'moonkeeper_status',
    })
  })

  const orders: readonly [string, object, string, object][] = [
    ['printer.print.pause', {}, 'pause_resume/pause', {}],
    ['printer.print.resume', { odd: 1 }, 'pause_resume/resume', {}],
    ['printer.print.cancel', {}, 'pause_resume/cancel', {}],
    ['printer.restart', {}, 'gcode/script', { script: 'RESTART' }],
    ['printer.firmware_restart', {}, 'gcode/script', { script: 'FIRMWARE_RESTART' }],
    [
      'printer.print.start',
      { filename: 'a b.gcode' },
      'gcode/script',
      { script: 'SDCARD_PRINT_FILE FILENAME="a b.gcode"' },
    ],
    [
      'printer.print.start',
      { filename: '/x/"y"' },
      'gcode/script',
      { script: 'SDCARD_PRINT_FILE FILENAME="x/\\"y\\""' },
    ],
    ['printer.emergency_stop', {}, 'emergency_stop', {}],
  ]
  for (const [method, params, endpoint, sent] of orders)
    test(`${method} ${JSON.stringify(params)}`, async (t) => {
      const { klippy, talker } = await rigAndTalker(t)
      klippy.endpoints.push('pause_resume/pause', 'pause_resume/resume', 'pause_resume/cancel')
      assert.equal((await talker.ask(method, params)).result, 'ok')
      assert.deepEqual(klippy.asked(endpoint)[0]?.params, sent)
    })

  const badFiles: readonly [object, RegExp][] = [
    [{}, /^No data for argument: filename$/],
    [{ filename: '' }, /is empty/],
    [{ filename: 'a\nM112' }, /line breaks/],
    [{ filename: 'a\u0000b' }, /control characters/],
  ]
  for (const [params, message] of badFiles)
    test(`no print of ${JSON.stringify(params)}`, async (t) => {
      const { klippy, talker } = await rigAndTalker(t)
      const { error } = await talker.ask('printer.print.start', params)
      assert.equal(error?.code, 400)
      assert.match(error.message, message)
      assert.deepEqual(klippy.asked('gcode/script'), [])
    })

  test('a restart that ends the connection has succeeded', async (t) => {
    const { klippy, talker } = await rigAndTalker(t)
    klippy.hold('gcode/script')
    const restart = talker.ask('printer.firmware_restart')
    await klippy.untilAsked('gcode/script', 1)
    klippy.drop()
    assert.equal((await restart).result, 'ok')
    klippy.odd.set('gcode/script', { error: { message: 'Not now' } })
    klippy.release('gcode/script')
    await talker.hear('notify_klippy_ready')
    assert.deepEqual((await talker.ask('printer.restart')).error?.message, 'Not now')
  })

  test('an emergency stop goes out though everything else waits', async (t) => {
    const { klippy, talker } = await rigAndTalker(t)
    klippy.hold('gcode/script')
    klippy.hold('objects/subscribe')
    for (let count = 0; count < 50; count += 1) {
      void talker.ask('printer.gcode.script', { script: `G1 X${count}` })
      void talker.ask('printer.objects.subscribe', { objects: { toolhead: null } })
    }
    await klippy.untilAsked('gcode/script', 50)
    assert.equal((await talker.ask('printer.emergency_stop')).result, 'ok')
    assert.equal(klippy.asked('emergency_stop').length, 1)
  })
})

describe('what sockets hear', () => {
  test('ready, shutdown and disconnected, without params; a line of the console', async (t) => {
    const { klippy, connection, talker } = await rigAndTalker(t)
    klippy.print('// echo')
    await talker.hear('notify_gcode_response')
    klippy.set('webhooks', { state: 'shutdown', state_message: 'MCU lost' })
    await talker.hear('notify_klippy_shutdown')
    klippy.drop()
    await until(connection, () => connection.state === 'shutdown')
    klippy.set('webhooks', { state: 'ready' })
    await talker.hear('notify_klippy_ready')
    assert.deepEqual(
      talker.heard.map(({ method, ...rest }) => [method, 'params' in rest ? rest.params : null]),
      [
        ['notify_gcode_response', ['// echo']],
        ['notify_klippy_shutdown', null],
        ['notify_klippy_disconnected', null],
        // compat: one that is found shut down is no news.
        ['notify_klippy_ready', null],
      ],
    )
  })

  test('only what each subscribed to, in order behind the answer', async (t) => {
    const rig = await rigAndTalker(t)
    const { klippy, talker } = rig
    const other = await rig.open()
    await talker.ask('printer.objects.subscribe', { objects: { print_stats: ['state'] } })
    await other.ask('printer.objects.subscribe', { objects: { print_stats: null, toolhead: ['position'] } })
    klippy.set('print_stats', { state: 'printing', filename: 'a.gcode' })
    await other.hear('notify_status_update')
    await talker.hear('notify_status_update')
    assert.deepEqual(talker.heard, [
      { jsonrpc: '2.0', method: 'notify_status_update', params: [{ print_stats: { state: 'printing' } }, 1] },
    ])
    assert.deepEqual(other.heard[0]?.params, [{ print_stats: { state: 'printing', filename: 'a.gcode' } }, 1])
    assert.deepEqual(talker.order, [1, 'notify_status_update'])
  })

  test('a socket that closes has no subscription any more', async (t) => {
    const rig = await rigAndTalker(t)
    const { klippy, connection, talker } = rig
    await talker.ask('printer.objects.subscribe', { objects: { toolhead: ['position'] } })
    assert.equal(connection.subscriptions.count, 1)
    talker.client.socket.terminate()
    await klippy.untilAsked('objects/subscribe', 3)
    assert.equal(connection.subscriptions.count, 0)
  })
})

describe('over HTTP', () => {
  test('printer objects in the query', async (t) => {
    const { klippy, served } = await printerRig(t)
    const table: readonly [string, object][] = [
      [
        '?toolhead&extruder=temperature,target',
        { objects: { toolhead: null, extruder: ['temperature', 'target'] } },
      ],
      ['', { objects: {} }],
      ['?gcode_macro%20A=x&_=5&token=t', { objects: { 'gcode_macro A': ['x'] } }],
      ['?a=1&a=2', { objects: { a: ['2'] } }],
    ]
    for (const [index, [query, sent]] of table.entries()) {
      assert.equal((await ask(served.port, 'GET', `/printer/objects/query${query}`)).status, 200)
      assert.deepEqual(klippy.asked('objects/query').slice(1)[index]?.params, sent)
    }
  })

  test('printer objects in a body: JSON counts, and a form is as a query', async (t) => {
    const { klippy, served } = await printerRig(t)
    const path = '/printer/objects/query?x'
    await ask(served.port, 'POST', path, json, '{"objects":{"toolhead":["position"]}}')
    await ask(served.port, 'POST', path, json, '{"toolhead":["position"]}')
    await ask(served.port, 'POST', path, { 'Content-Type': 'application/x-www-form-urlencoded' }, 'y=a,b')
    assert.deepEqual(
      klippy
        .asked('objects/query')
        .slice(1)
        .map(({ params }) => params),
      [
        { objects: { toolhead: ['position'] } },
        { objects: { x: null }, toolhead: ['position'] },
        { objects: { x: null, y: ['a', 'b'] } },
      ],
    )
  })

  test('both verbs, and no other', async (t) => {
    const { served } = await printerRig(t)
    for (const path of ['/printer/info', '/printer/gcode/script?script=M115', '/printer/objects/list'])
      for (const verb of ['GET', 'POST']) assert.equal((await ask(served.port, verb, path)).status, 200)
    const refused = await ask(served.port, 'DELETE', '/printer/info')
    assert.deepEqual([refused.status, refused.headers.allow], [405, 'GET, POST'])
    assert.equal((await ask(served.port, 'GET', '/printer/print/pause')).status, 405)
  })

  test('paths that only Klipper knows', async (t) => {
    const { klippy, served } = await printerRig(t)
    const found = await ask(served.port, 'GET', '/printer/query_endstops/status')
    assert.deepEqual(resultOf(found), 'ok')
    klippy.endpoints.push('bed_mesh/dump_mesh')
    const before = await ask(served.port, 'GET', '/printer/bed_mesh/dump_mesh')
    assert.equal(before.status, 404)
    klippy.drop()
    for (const path of ['bed_mesh.dump_mesh', 'bed_mesh', 'bed_mesh/dump_mesh/', '../printer/info', ''])
      assert.equal((await ask(served.port, 'GET', `/printer/${path}`)).status, 404, path)
  })

  test('refusals carry Klipper’s words, and a Klipper that is away is a 503', async (t) => {
    const { klippy, connection, served } = await printerRig(t)
    klippy.odd.set('gcode/script', { error: { message: 'Unknown command:"FAIL"' } })
    const failed = await ask(served.port, 'POST', '/printer/gcode/script?script=FAIL')
    assert.deepEqual(
      [failed.status, failed.reason, messageOf(failed)],
      [400, 'Unknown command:"FAIL"', 'Unknown command:"FAIL"'],
    )
    await klippy.close()
    await until(connection, () => connection.state === 'disconnected')
    for (const [verb, path] of [
      ['GET', '/printer/info'],
      ['GET', '/printer/objects/list'],
      ['POST', '/printer/restart'],
      ['POST', '/printer/emergency_stop'],
      ['GET', '/printer/objects/query?toolhead'],
    ] as const) {
      const away = await ask(served.port, verb, path)
      assert.deepEqual(
        [away.status, away.reason, messageOf(away)],
        [503, 'Klippy Host not connected', 'Klippy Host not connected'],
      )
    }
  })

  test('a subscription is for a socket that is named', async (t) => {
    const rig = await rigAndTalker(t)
    const { klippy, served, talker } = rig
    const id = ((await talker.ask('server.websocket.id')).result as { websocket_id: number }).websocket_id
    const path = '/printer/objects/subscribe?print_stats=state'
    for (const connection of ['', '&connection_id=999', '&connection_id=x', '&connection_id=__proto__']) {
      const refused = await ask(served.port, 'POST', path + connection)
      assert.deepEqual(
        [refused.status, messageOf(refused)],
        [400, 'No connection associated with subscription request'],
      )
    }
    const accepted = await ask(served.port, 'POST', `${path}&connection_id=${id}`)
    assert.deepEqual(resultOf(accepted), { eventtime: 1, status: { print_stats: { state: 'standby' } } })
    klippy.set('print_stats', { state: 'printing' })
    await talker.hear('notify_status_update')
    const body = JSON.stringify({ jsonrpc: '2.0', method: 'printer.objects.subscribe', params: {}, id: 1 })
    const { json: answer } = await ask(served.port, 'POST', '/server/jsonrpc', json, body)
    assert.equal(
      (answer as { error: { message: string } }).error.message,
      'Subscriptions not available for HTTP transport',
    )
  })

  const browser = { 'User-Agent': 'Mozilla/5.0 (X11)' }
  const guests: readonly [string, Record<string, string>, boolean][] = [
    ['a program', { 'User-Agent': 'curl/8' }, true],
    ['a program that says nothing', {}, true],
    ['a browser with no referer', browser, false],
    ['a browser from another page', { ...browser, Referer: 'http://evil.example/' }, false],
    [
      'a browser from a page of ours',
      { ...browser, Host: 'printer.local', Referer: 'http://printer.local/x' },
      true,
    ],
    ['a browser that tells: its address line', { ...browser, 'Sec-Fetch-Site': 'none' }, true],
    ['a browser that tells: another site', { ...browser, 'Sec-Fetch-Site': 'cross-site' }, false],
    ['a browser that tells: another port', { ...browser, 'Sec-Fetch-Site': 'same-site' }, false],
    ['a page with an Origin', { Origin: 'http://evil.example' }, false],
  ]
  for (const [who, headers, may] of guests)
    test(`an order by GET from ${who}`, async (t) => {
      const { klippy, served } = await printerRig(t)
      const { status } = await ask(served.port, 'GET', '/printer/gcode/script?script=M112', headers)
      assert.equal(status, may ? 200 : 403)
      assert.equal(
        (await ask(served.port, 'GET', '/printer/emergency_stop', headers)).status,
        may ? 200 : 403,
      )
      assert.equal(klippy.asked('gcode/script').length + klippy.asked('emergency_stop').length, may ? 2 : 0)
      // Looking is allowed to everyone; what is seen goes to nobody else.
      assert.equal((await ask(served.port, 'GET', '/printer/info', headers)).status, 200)
    })
})

describe('the stores', () => {
  test('of the console: what was sent by anyone, and what came of it', async (t) => {
    const { klippy, served, talker } = await rigAndTalker(t)
    await talker.ask('printer.gcode.script', { script: 'G28' })
    await talker.ask('printer.gcode.script', { script: ' \n' })
    await talker.ask('printer.gcode.script', {})
    await ask(served.port, 'POST', '/printer/gcode/script?script=M115')
    await talker.ask('printer.print.start', { filename: 'a' })
    klippy.print('// done')
    await talker.hear('notify_gcode_response')
    const { result } = await talker.ask('server.gcode_store')
    const { gcode_store: lines } = result as {
      gcode_store: { message: string; type: string; time: number }[]
    }
    assert.deepEqual(
      lines.map(({ message, type }) => `${type} ${message}`),
      ['command G28', 'command M115', 'command SDCARD_PRINT_FILE FILENAME="a"', 'response // done'],
    )
    assert.ok(lines.every(({ time }) => time > 1_700_000_000))
    const one = await ask(served.port, 'GET', '/server/gcode_store?count=1')
    assert.deepEqual(resultOf(one), { gcode_store: lines.slice(-1) })
  })

  test('of temperatures', async (t) => {
    const rig = await rigAndTalker(t)
    const { klippy, talker } = rig
    klippy.setUnheard('heaters', { available_sensors: ['extruder'], available_monitors: ['tmc x'] })
    klippy.setUnheard('extruder', { temperature: 20.004 })
    klippy.setUnheard('tmc x', { temperature: null })
    klippy.drop()
    await talker.hear('notify_klippy_ready')
    const { result } = await talker.ask('server.temperature_store')
    assert.deepEqual(result, { extruder: { temperatures: [20] } })
    const all = (await talker.ask('server.temperature_store', { include_monitors: true })).result
    assert.deepEqual(all, { extruder: { temperatures: [20] }, 'tmc x': { temperatures: [null] } })
  })
})

describe('macros', () => {
  test('may end the machine, or begin it anew', async (t) => {
    const done: string[] = []
    let over = (): void => undefined
    const both = new Promise<void>((resolve) => (over = resolve))
    const note = async (what: string): Promise<void> => {
      if (done.push(what) === 2) over()
    }
    const { klippy } = await printerRig(
      t,
      {},
      { shutdown: () => note('shutdown'), reboot: () => note('reboot') },
    )
    klippy.callRemote('shutdown_machine', {})
    klippy.callRemote('reboot_machine', { odd: 1 })
    await both
    assert.deepEqual(done, ['shutdown', 'reboot'])
  })

  test('may not where the machine is not ours', async (t) => {
    const { klippy } = await printerRig(t)
    assert.equal(klippy.callRemote('shutdown_machine', {}), 0)
  })
})
