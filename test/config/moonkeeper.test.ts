import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { describe, test } from 'node:test'
import { configScene, type ConfigScene } from '../support/config.js'

const app = '[update_manager app]\ntype: web\nrepo: a/b\npath: ~/app\n'
type Scope = Parameters<typeof configScene>[0]

/** An application, and our own sections in one or both files. */
const sceneOf = (t: Scope, inMain: string, inOwn?: string): Promise<ConfigScene> =>
  configScene(t, app + inMain, {
    'app/x': '',
    ...(inOwn === undefined ? {} : { 'printer_data/config/moonkeeper.conf': inOwn }),
  })

describe('our own sections', () => {
  const sections =
    '[moonkeeper]\ngenerations: 5\nupdate_window: 22-6\n[moonkeeper app]\nsettle_time: 3\ntheme: yes\n[moonkeeper dialect wncms]\nwncms_api_updates: no\n'

  for (const [name, inMain, inOwn] of [
    ['moonraker.conf', sections, undefined],
    ['moonkeeper.conf', '', sections],
  ] as const)
    test(`stand in ${name}`, async (t) => {
      const configuration = await (await sceneOf(t, inMain, inOwn)).load()
      assert.deepEqual(configuration.warnings, [])
      assert.equal(configuration.moonkeeper.generations, 5)
      assert.deepEqual(configuration.moonkeeper.update_window, [22, 6])
      assert.deepEqual(configuration.applications[0]?.own, { settle_time: 3, theme: true })
      assert.equal(configuration.dialectToggles.get('wncms')?.wncms_api_updates, false)
      assert.deepEqual(configuration.orig()['moonkeeper app'], { settle_time: '3', theme: 'yes' })
      assert.equal(configuration.parsed()['moonkeeper']?.['generations'], 5)
    })

  test('never half in each: moonkeeper.conf counts', async (t) => {
    const scene = await sceneOf(t, '[moonkeeper]\ngenerations: 5\n', '[moonkeeper app]\nsettle_time: 3\n')
    const { moonkeeper, applications, warnings } = await scene.load()
    assert.deepEqual([moonkeeper.generations, applications[0]?.own.settle_time], [3, 3])
    const own = path.join(path.dirname(scene.configFile), 'moonkeeper.conf')
    assert.deepEqual(warnings, [
      `Both ${scene.configFile} and ${own} have sections of Moonkeeper. Only ${own} counts; move [moonkeeper] there, or remove that file`,
    ])
  })

  test('may be included from moonraker.conf', async (t) => {
    const { warnings, moonkeeper } = await (
      await sceneOf(t, '[include moonkeeper.conf]', '[moonkeeper]\ngenerations: 5')
    ).load()
    assert.deepEqual([warnings, moonkeeper.generations], [[], 5])
  })

  test('are all that counts in moonkeeper.conf', async (t) => {
    const scene = await sceneOf(t, '', '[server]\nport: 1\n')
    const { server, warnings, orig } = await scene.load()
    assert.deepEqual([server.port, orig()['server']], [7125, {}])
    assert.match(warnings[0] ?? '', /^\[server\] in .*moonkeeper\.conf has no effect/)
  })

  test('a moonkeeper.conf that cannot be read is refused', async (t) => {
    await assert.rejects(
      (await sceneOf(t, '', '[moonkeeper]\nx')).load(),
      /"x" is not an option.*moonkeeper\.conf, line 2/,
    )
  })

  test('health_command counts only in moonkeeper.conf', async (t) => {
    const section = '[moonkeeper app]\nhealth_command: /usr/bin/true\nhealth_url: http://127.0.0.1/\n'
    const own = await (await sceneOf(t, '', section)).load()
    assert.deepEqual([own.applications[0]?.own.health_command, own.warnings], ['/usr/bin/true', []])
    const main = await (await sceneOf(t, section)).load()
    assert.equal(main.applications[0]?.own.health_command, undefined)
    assert.equal(main.applications[0]?.own.health_url, 'http://127.0.0.1/')
    assert.match(
      main.warnings.join('\n'),
      /^\[moonkeeper app\]: health_command counts only in .*moonkeeper\.conf \(.*moonraker\.conf, line 7\)/,
    )
  })

  test('values that are none count as not given', async (t) => {
    const sections =
      '[moonkeeper]\nauto_update: all\ngenerations: -1\nupdate_window: 25-3\ndialects: wncms other\n[moonkeeper app]\nhealth_url: file:///etc\n[moonkeeper gone]\n[moonkeeper klipper]\n'
    const { moonkeeper, applications, warnings } = await (await sceneOf(t, sections)).load()
    assert.deepEqual(
      [moonkeeper.generations, moonkeeper.update_window, moonkeeper.auto_update, moonkeeper.dialects],
      [3, undefined, 'none', ['wncms']],
    )
    assert.equal(applications[0]?.own.health_url, undefined)
    const text = warnings.join('\n')
    for (const message of [
      /'generations' .* must be 0 or more/,
      /must be hours from 0 to 23/,
      /nothing is installed unattended/,
      /'other', which is none of/,
      /'health_url' .* must be an address/,
      /there is no section \[update_manager gone\]/,
    ])
      assert.match(text, message)
    assert.equal(warnings.length, 6, text)
  })
})

describe('what is written about it', () => {
  const root = path.resolve(import.meta.dirname, '../../../..')

  test('every schema and every option has a description', async () => {
    const folder = path.join(root, 'schemas/config')
    const files = await readdir(folder)
    assert.ok(files.length >= 13)
    for (const file of files) {
      const schema = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as {
        description?: string
        properties: Record<string, { description?: string }>
      }
      assert.ok(schema.description, file)
      for (const [name, option] of Object.entries(schema.properties))
        assert.ok(option.description, `${file} ${name}`)
    }
  })

  test('every option of ours is in docs/configuration.md', async () => {
    const page = await readFile(path.join(root, 'docs/configuration.md'), 'utf8')
    for (const file of ['moonkeeper', 'moonkeeper.application', 'moonkeeper.dialect']) {
      const text = await readFile(path.join(root, 'schemas/config', `${file}.json`), 'utf8')
      const { properties } = JSON.parse(text) as { properties: object }
      for (const name of Object.keys(properties)) assert.ok(page.includes(name), `${file} ${name}`)
    }
  })

  test('the example is read without a warning, and its comments are examples too', async (t) => {
    const example = await readFile(path.join(root, 'moonraker.conf.example'), 'utf8')
    for (const text of [example, example.replace(/^#(?=[a-z[])/gm, '')]) {
      const files = { 'demo-app/x': '', 'klipper/x': '', 'printer_data/config/moonraker.conf': text }
      const { applications, warnings } = await (await configScene(t, '', files)).load()
      assert.deepEqual(warnings, [])
      assert.deepEqual(
        applications.map(({ name, type }) => [name, type]),
        [['demo-app', 'git_repo']],
      )
    }
  })
})
