import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { settingsOf } from '../../src/doctor/host.js'
import { patientsOf } from '../../src/doctor/patients.js'
import { configScene, writeFiles } from '../support/config.js'

const sections = `[update_manager app]
type: git_repo
path: ~/app
origin: https://x/y.git
virtualenv: ~/env
requirements: r
is_system_service: False
[update_manager site]
type: web
repo: x/y
path: ~/site
`
const venv = { 'env/bin/activate': '', 'env/bin/python': '' }

test('what the configuration manages, and Klipper where it says it runs from', async (t) => {
  const scene = await configScene(t, sections, {
    ...venv,
    'app/r': '',
    'site/x': '',
    'k-env/bin/activate': '',
  })
  await writeFiles(scene.home, { 'k-env/bin/python': '' })
  const at = (name: string): string => path.join(scene.home, name)
  const configuration = await scene.load()
  const configured = [
    { name: 'app', folder: at('app'), isGit: true, virtualenv: at('env') },
    { name: 'site', folder: at('site'), isGit: false, virtualenv: null },
  ]
  assert.deepEqual(await patientsOf(configuration, null), configured)
  const install = { path: at('klipper'), executable: at('k-env/bin/python') }
  const klipper = { name: 'klipper', folder: at('klipper'), isGit: true, virtualenv: at('k-env') }
  assert.deepEqual(await patientsOf(configuration, install), [klipper, ...configured])
  const system = await patientsOf(configuration, { ...install, executable: '/usr/bin/python3' })
  assert.deepEqual(system[0], { ...klipper, virtualenv: null })
})

test('every forge is asked once, and a token is for GitHub only', async (t) => {
  const own =
    '[moonkeeper app]\napi_url: https://codeberg.org/api/v1/\n[moonkeeper site]\napi_url: https://codeberg.org/api/v1\n'
  const secrets = { 'printer_data/moonraker.secrets': '{"github": {"token": "hush"}}' }
  const files = { ...venv, 'app/r': '', 'site/x': '', ...secrets }
  const scene = await configScene(t, `${sections}[secrets]\n${own}`, files)
  const configuration = await scene.load()
  const forgesIn = async (env: Readonly<Record<string, string>>): Promise<unknown> =>
    (await settingsOf(configuration, scene.data, env, null)).forges
  const codeberg = { url: 'https://codeberg.org/api/v1', token: null }
  assert.deepEqual(await forgesIn({}), [{ url: 'https://api.github.com', token: 'hush' }, codeberg])
  assert.deepEqual(await forgesIn({ GITHUB_API_URL: 'http://127.0.0.1:1/' }), [
    { url: 'http://127.0.0.1:1', token: 'hush' },
    codeberg,
  ])
  assert.deepEqual(await forgesIn({ GITHUB_API_URL: 'no address' }), [codeberg])
})
