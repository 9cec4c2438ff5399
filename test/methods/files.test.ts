import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Transport } from '../../src/contract/tables.js'
import { createDispatcher } from '../../src/rpc/dispatcher.js'
import { makeRoots, type RootsBench } from '../support/roots.js'
import { dispatched, fakeApp, fakeCall, fakeLog } from '../support/rpc.js'

interface Bench extends RootsBench {
  readonly ask: (method: string, params?: Record<string, unknown>) => Promise<unknown>
}

const open = async (t: TestContext, transport: Transport = 'websocket'): Promise<Bench> => {
  const roots = await makeRoots(t)
  const call = fakeCall({ ...fakeApp(), files: roots.files }, transport)
  const dispatcher = createDispatcher(fakeLog())
  return { ...roots, ask: (method, params = {}) => dispatcher.invoke(`server.files.${method}`, params, call) }
}

test('roots and their files', async (t) => {
  const { ask, config, logs } = await open(t)
  assert.deepEqual(await ask('roots'), [
    { name: 'config', path: config, permissions: 'rw' },
    { name: 'logs', path: logs, permissions: 'r' },
  ])
  const listed = (await ask('list', { root: 'logs' })) as { path: string; permissions: string }[]
  assert.deepEqual(
    listed.map((file) => [file.path, file.permissions]),
    [['klippy.log', 'r']],
  )
  const directory = (await ask('get_directory', { path: 'config', extended: true })) as { dirs: unknown[] }
  assert.equal(directory.dirs.length, 1)
})

test('what G-code files need is refused as where there are none', async (t) => {
  const { ask } = await open(t)
  await assert.rejects(ask('list'), {
    status: 400,
    message: 'Failed to build file list, invalid path: gcodes: None',
  })
  await assert.rejects(ask('get_directory'), { status: 400, message: 'Invalid root path (gcodes)' })
  await assert.rejects(ask('metadata', { filename: 'a.gcode' }), {
    status: 404,
    message: 'Metadata not available for <a.gcode>',
  })
  await assert.rejects(ask('metadata'), { status: 400, message: 'No data for argument: filename' })
})

test('folders and files come and go', async (t) => {
  const { ask, config, changes } = await open(t)
  const at = (name: string): string => path.join(config, name)
  await ask('post_directory', { path: 'config/old' })
  await ask('copy', { source: 'logs/klippy.log', dest: 'config/old' })
  await ask('move', { source: 'config/printer.cfg', dest: 'config/old' })
  await ask('delete_file', { path: 'config/old/klippy.log' })
  assert.deepEqual([existsSync(at('old/printer.cfg')), existsSync(at('old/klippy.log'))], [true, false])
  await assert.rejects(ask('delete_directory', { path: 'config/old' }), { status: 400 })
  await ask('delete_directory', { path: 'config/old', force: 'true' })
  assert.equal(existsSync(at('old')), false)
  assert.deepEqual(
    changes.map(({ action }) => action),
    ['create_dir', 'create_file', 'move_file', 'delete_file', 'delete_dir'],
  )
})

test('an archive has the time in its name, and its items may be one text', async (t) => {
  const { ask, config } = await open(t)
  const made = (await ask('zip', { items: 'config, logs/klippy.log,' })) as { destination: { path: string } }
  assert.deepEqual(
    [made.destination.path, (made as unknown as { action: string }).action],
    ['collection-20260102-030405.zip', 'zip_files'],
  )
  assert.ok(existsSync(path.join(config, made.destination.path)))
})

test('a file is removed over a lasting connection only; HTTP has its address for that', async (t) => {
  const roots = await makeRoots(t)
  const text =
    '{"jsonrpc":"2.0","method":"server.files.delete_file","params":{"path":"config/printer.cfg"},"id":1}'
  const app = { ...fakeApp(), files: roots.files }
  const ask = (transport: Transport): Promise<string | null> =>
    dispatched(createDispatcher(fakeLog()), text, fakeCall(app, transport))
  assert.match((await ask('http')) ?? '', /Method not found for transport HTTP/)
  assert.match((await ask('unix')) ?? '', /"action":"delete_file"/)
})
