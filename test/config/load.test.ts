import assert from 'node:assert/strict'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, test } from 'node:test'
import { makeServicesFile } from '../../src/config/services.js'
import { MoonkeeperError } from '../../src/contract/error.js'
import { systemFiles } from '../../src/system/files.js'
import { configScene } from '../support/config.js'

const unparsed = (option: string, section: string): string =>
  `Unparsed config option '${option}' detected in section [${section}].  This may be an option no longer available or ` +
  'could be the result of a module that failed to load.  In the future this will result in a startup error.'

/** The cases that were recorded from Moonraker, see rpc_basics: server.config and server.info. */
const recorded = `host: 127.0.0.1
klippy_uds_address: {data_path}/comms/klippy.sock
[authorization]
trusted_clients:
  127.0.0.0/8
[machine]
provider: none
[update_manager]
refresh_interval: 24
[update_manager app]
type: git_repo
path: ~/app
origin: http://x/app.git
is_system_service: False
info_tags:
  desc=Test App
  action=app
[update_manager devchan]
type: web
repo: h1org/webui
path: ~/web
channel: dev
[update_manager nopath]
type: git_repo
path: ~/gone
origin: http://x/x.git
[update_manager badtype]
type: banana
path: ~/work
[update_manager svcapp]
type: git_repo
path: ~/svcapp
origin: http://x/svcapp.git
managed_services: svcapp
`
const recordedFiles = { 'app/x': '', 'web/x': '', 'svcapp/x': '' }

const gitRepo = {
  type: 'git_repo',
  refresh_interval: null,
  channel: 'dev',
  report_anomalies: true,
  info_tags: [],
}
const noDependencies = {
  venv_args: null,
  pip_environment_variables: null,
  enable_node_updates: false,
  system_dependencies: null,
  install_script: null,
}

describe("Moonraker's recorded answers", () => {
  test('warnings, word for word and in order', async (t) => {
    const scene = await configScene(t, recorded, recordedFiles)
    assert.deepEqual((await scene.load()).warnings, [
      "[update_manager devchan]: Invalid value 'dev' for option 'channel'. Type 'web' supports the following channels: ['stable', 'beta'].  Falling back to channel 'stable'",
      `[update_manager]: Failed to load extension nopath: Invalid path for option \`path\` in section [update_manager nopath]: Path \`${scene.home}/gone\` does not exist`,
      '[update_manager]: Failed to load extension badtype: No enum member named banana',
      `[update_manager svcapp]: Moonraker is not permitted to restart service 'svcapp'.  To enable management of this service add svcapp to the bottom of the file ${scene.data}/moonraker.asvc.  To disable management for this service set 'is_system_service: False' in the configuration for this section.`,
      unparsed('origin: http://x/x.git', 'update_manager nopath'),
      unparsed('path: ~/work', 'update_manager badtype'),
    ])
  })

  test('server.config: config', async (t) => {
    const scene = await configScene(t, recorded, recordedFiles)
    assert.deepEqual((await scene.load()).parsed(), {
      server: {
        host: '127.0.0.1',
        port: 7125,
        ssl_port: 7130,
        enable_debug_logging: false,
        klippy_uds_address: '{data_path}/comms/klippy.sock',
        max_upload_size: 1024,
        ssl_certificate_path: null,
        ssl_key_path: null,
        route_prefix: null,
        max_websocket_connections: 50,
      },
      secrets: { secrets_path: null },
      data_store: { temperature_store_size: 1200, gcode_store_size: 1000 },
      machine: {
        sudo_password: null,
        provider: 'none',
        shutdown_action: 'poweroff',
        force_validation: false,
        validate_service: true,
        validate_config: true,
      },
      file_manager: {
        enable_object_processing: false,
        default_metadata_parser_timeout: 20,
        file_system_observer: 'inotify',
        enable_observer_warnings: true,
        enable_inotify_warnings: true,
        queue_gcode_uploads: false,
        check_klipper_config_path: true,
        config_path: null,
        enable_config_write_access: true,
        log_path: null,
      },
      announcements: { enable_moonlight: true, dev_mode: false, subscriptions: [] },
      authorization: {
        login_timeout: 90,
        force_logins: false,
        default_source: 'moonraker',
        enable_api_key: true,
        max_login_attempts: null,
        cors_domains: [],
        trusted_clients: ['127.0.0.0/8'],
      },
      update_manager: {
        channel: null,
        enable_auto_refresh: false,
        refresh_window: [0, 5],
        enable_repo_debug: false,
        refresh_interval: 24,
        enable_system_updates: true,
        enable_packagekit: true,
        client_repo: null,
        client_path: null,
      },
      'update_manager app': {
        ...gitRepo,
        info_tags: ['desc=Test App', 'action=app'],
        path: '~/app',
        ...noDependencies,
        is_system_service: false,
        managed_services: [],
        origin: 'http://x/app.git',
        moved_origin: null,
        primary_branch: 'master',
        pinned_commit: null,
      },
      'update_manager devchan': {
        ...{ ...gitRepo, type: 'web', channel: 'dev' },
        path: '~/web',
        repo: 'h1org/webui',
        persistent_files: null,
      },
      'update_manager nopath': { ...gitRepo, path: '~/gone' },
      'update_manager badtype': { type: 'banana' },
      'update_manager svcapp': {
        ...gitRepo,
        path: '~/svcapp',
        ...noDependencies,
        is_system_service: true,
        managed_services: ['svcapp'],
        origin: 'http://x/svcapp.git',
        moved_origin: null,
        primary_branch: 'master',
        pinned_commit: null,
      },
    })
  })

  test('server.config: orig and files', async (t) => {
    const scene = await configScene(t, `${recorded}[include more.conf]\n`, {
      ...recordedFiles,
      'printer_data/config/more.conf': '[server]\nport: 7126\n[history]\n',
    })
    const configuration = await scene.load()
    const orig = configuration.orig()
    assert.deepEqual(Object.keys(orig).slice(0, 4), ['DEFAULT', 'server', 'authorization', 'machine'])
    assert.deepEqual(orig['authorization'], { trusted_clients: '\n127.0.0.0/8' })
    assert.equal(orig['update_manager app']?.['info_tags'], '\ndesc=Test App\naction=app')
    assert.equal(orig['server']?.['port'], '7126')
    const updates = [
      'update_manager',
      ...['app', 'devchan', 'nopath', 'badtype', 'svcapp'].map((name) => `update_manager ${name}`),
    ]
    assert.deepEqual(configuration.fileSections(), [
      { filename: 'moonraker.conf', sections: ['server', 'authorization', 'machine', ...updates] },
      { filename: 'more.conf', sections: ['server', 'history'] },
    ])
    assert.deepEqual(
      configuration.files,
      ['moonraker.conf', 'more.conf', 'moonkeeper.conf'].map((name) =>
        path.join(path.dirname(scene.configFile), name),
      ),
    )
  })

  test('[DEFAULT] holds in every section, and no one is told of it', async (t) => {
    const scene = await configScene(t, '[DEFAULT]\nport: 7200\nx: 1\n[machine]\nprovider: none\n')
    const { orig, server, warnings } = await scene.load()
    assert.deepEqual(orig()['machine'], { provider: 'none', port: '7200', x: '1' })
    assert.equal(server.port, 7200)
    assert.deepEqual(warnings, [])
  })
})

describe('the defaults', () => {
  test('of a configuration that says nothing', async (t) => {
    const scene = await configScene(t, '')
    const configuration = await scene.load()
    assert.equal(configuration.server.klippy_uds_address, '/tmp/klippy_uds')
    assert.equal(configuration.updateManager.refresh_interval, 168)
    assert.equal(configuration.machine.provider, 'systemd_dbus')
    assert.equal(configuration.moonkeeper.data, path.join(scene.data, 'moonkeeper'))
    assert.deepEqual(
      [configuration.klipper, configuration.moonraker, configuration.applications.length],
      [null, null, 0],
    )
    assert.deepEqual(configuration.klipperOverrides, {})
    assert.ok(configuration.allowedServices.includes('KlipperScreen'))
    assert.deepEqual(Object.keys(configuration.parsed()), [
      'server',
      'secrets',
      'machine',
      'data_store',
      'file_manager',
      'announcements',
    ])
    assert.deepEqual(configuration.warnings, [])
  })

  test('are not shared between two configurations', async (t) => {
    const scene = await configScene(t, '')
    const first = await scene.load()
    first.updateManager.refresh_window.push(9)
    assert.deepEqual((await scene.load()).updateManager.refresh_window, [0, 5])
  })

  test('host all is every address; ~ and {data_path} are replaced', async (t) => {
    const scene = await configScene(
      t,
      'host: all\nklippy_uds_address: ~/sock\n[moonkeeper]\ndata: {data_path}/x/../mk',
    )
    const { server, moonkeeper } = await scene.load()
    assert.equal(server.host, '::')
    assert.equal(server.klippy_uds_address, path.join(scene.home, 'sock'))
    assert.equal(moonkeeper.data, path.join(scene.data, 'mk'))
  })

  test('services come from moonraker.asvc', async (t) => {
    const scene = await configScene(t, '', { 'printer_data/moonraker.asvc': 'one\n two.service \n\none\n' })
    assert.deepEqual((await scene.load()).allowedServices, ['one', 'two'])
  })

  test('whoever adds a service loses none: a file that is missing is made with the usual ones', async (t) => {
    const scene = await configScene(t, '')
    const { allowedServices: usual } = await scene.load()
    await makeServicesFile(scene.data, systemFiles)
    const file = path.join(scene.data, 'moonraker.asvc')
    const made = await readFile(file, 'utf8')
    assert.ok(made.includes('crowsnest\n'))
    assert.deepEqual((await scene.load()).allowedServices, usual)
    await writeFile(file, `${made}mine\n`)
    await makeServicesFile(scene.data, systemFiles)
    assert.deepEqual((await scene.load()).allowedServices, [...usual, 'mine'])
    await makeServicesFile(path.join(scene.data, 'nowhere'), systemFiles)
  })

  test('a linked configuration is found in its folder', async (t) => {
    const scene = await configScene(t, '[include b.conf]', { 'printer_data/config/b.conf': '[b]' })
    const link = path.join(scene.home, 'link.conf')
    await symlink(scene.configFile, link)
    const { loadConfiguration } = await import('../../src/config/index.js')
    await assert.rejects(
      loadConfiguration({ configFile: link, dataPath: scene.data, homeFolder: scene.home }),
      /\[include b\.conf\]: no file matches/,
    )
  })
})

describe('what stops the daemon', () => {
  const cases: readonly [string, string, RegExp][] = [
    [
      'a port that is none',
      'port: many',
      /^option 'port' in section \[server\] must be a whole number, not 'many' \(.*moonraker\.conf, line 2\)$/,
    ],
    ['a port out of range', 'port: 70000', /must be 65535 or less/],
    [
      'a template that is not understood',
      'klippy_uds_address: {nothing}/x',
      /\{nothing\} is not defined \(.*line 2\)/,
    ],
    ['a duplicate', 'port: 1\nport: 2', /Duplicate option 'port'/],
    [
      'a data folder that is not absolute',
      '[moonkeeper]\ndata: here',
      /option 'data' in section \[moonkeeper\] must be absolute/,
    ],
  ]
  for (const [name, text, message] of cases)
    test(name, async (t) => {
      const scene = await configScene(t, text)
      await assert.rejects(scene.load(), (thrown: unknown) => {
        assert.ok(thrown instanceof MoonkeeperError)
        assert.equal(thrown.kind, 'refused')
        assert.match(thrown.message, message)
        return true
      })
    })

  test('no [server] section', async (t) => {
    const scene = await configScene(t, '', { 'printer_data/config/moonraker.conf': '[machine]\n' })
    await assert.rejects(scene.load(), /No section \[server\] in .*moonraker\.conf\. Add it/)
  })
})

describe('what becomes a warning', () => {
  const cases: readonly [string, string, readonly RegExp[]][] = [
    [
      'an option that nothing knows',
      'prot: 1',
      [
        /^\[server\]: option 'prot' is not known and has no effect \(.*moonraker\.conf, line 2\)\. Correct or remove it$/,
      ],
    ],
    [
      'a value that is none',
      '[machine]\nprovider: sysv',
      [
        /^option 'provider' in section \[machine\] must be one of .*, not 'sysv' \(.*line 3\)\. It counts as not given$/,
      ],
    ],
    [
      'an option without effect',
      '[machine]\nsupervisord_config_path: x',
      [/has no effect beside what else is set there/],
    ],
    [
      'a window of one hour',
      '[update_manager]\nrefresh_window: 5-5',
      [/'refresh_window' .* must be two different hours/],
    ],
    ['old options', '[update_manager]\nclient_repo: a/b', [/'client_repo' and 'client_path' have no effect/]],
    [
      'deprecated options',
      'enable_debug_logging: True',
      [
        /^\[server\]: Option 'enable_debug_logging' is deprecated, see the configuration documentation at https:/,
      ],
    ],
    ['sections of others: nothing', '[mqtt]\nurl: y\n[power z]', []],
    [
      'a camera without an address, and one that turns by half',
      '[webcam x]\nurl: y\n[webcam y z]\nstream_url: /y\nrotation: half',
      [
        /^No option 'stream_url' in section: 'webcam x'.*not shown/,
        /option 'rotation' in section \[webcam y z\]/,
      ],
    ],
  ]
  for (const [name, text, messages] of cases)
    test(name, async (t) => {
      const { warnings } = await (await configScene(t, text)).load()
      assert.equal(warnings.length, messages.length, warnings.join('\n'))
      messages.forEach((message, index) => assert.match(warnings[index] ?? '', message))
    })

  test('cameras have their options, and their names', async (t) => {
    const text = '[webcam top view]\nstream_url: /x\nrotation: 90\nflip_vertical: True\n[webcam none]\n'
    const { webcams, parsed } = await (await configScene(t, text)).load()
    assert.deepEqual(
      webcams.map(({ name, stream_url, rotation, flip_vertical, icon }) => [
        name,
        stream_url,
        rotation,
        flip_vertical,
        icon,
      ]),
      [['top view', '/x', 90, true, 'mdiWebcam']],
    )
    assert.equal(parsed()['webcam top view']?.['stream_url'], '/x')
  })

  test('a prefix is written as it stands before paths', async (t) => {
    for (const [text, prefix] of [
      ['printer1', '/printer1'],
      ['/a//b c/', '/a/b%20c'],
    ])
      assert.equal((await (await configScene(t, `route_prefix: ${text}`)).load()).server.route_prefix, prefix)
    await assert.rejects((await configScene(t, 'route_prefix: //')).load(), /route_prefix/)
  })

  test('and its default is used', async (t) => {
    const scene = await configScene(
      t,
      '[machine]\nprovider: sysv\n[update_manager]\nrefresh_window: 5-5\nrefresh_interval: x',
    )
    const configuration = await scene.load()
    assert.equal(configuration.machine.provider, 'systemd_dbus')
    assert.deepEqual(configuration.updateManager.refresh_window, [0, 5])
    assert.equal(configuration.updateManager.refresh_interval, 168)
  })
})

describe('secrets', () => {
  const ini = '# c\n[sudo]\nPassword: tell-nobody\n\n[more]\nx: 1\n'
  const main = '[machine]\nsudo_password: {secrets.sudo.password}\n'

  for (const [name, text] of [
    ['ini', ini],
    ['json', '{"sudo": {"password": "tell-nobody"}}'],
  ] as const)
    test(`from ${name}, usable and never shown`, async (t) => {
      const scene = await configScene(t, main, { 'printer_data/moonraker.secrets': text })
      const configuration = await scene.load()
      assert.equal(configuration.machine.sudo_password, 'tell-nobody')
      const answer = JSON.stringify([configuration.parsed(), configuration.orig(), configuration.warnings])
      assert.ok(answer.includes('{secrets.sudo.password}') && !answer.includes('tell-nobody'))
    })

  test('from secrets_path, when the usual file does not exist', async (t) => {
    const scene = await configScene(t, `[secrets]\nsecrets_path: ~/mine.ini\n${main}`, { 'mine.ini': ini })
    const { machine, warnings } = await scene.load()
    assert.equal(machine.sudo_password, 'tell-nobody')
    assert.match(warnings.join('\n'), /^\[secrets\]: Option 'secrets_path' is deprecated/)
  })

  test('the usual file goes before secrets_path', async (t) => {
    const files = { 'mine.ini': '[sudo]\npassword: other', 'printer_data/moonraker.secrets': ini }
    const scene = await configScene(t, `[secrets]\nsecrets_path: ~/mine.ini\n${main}`, files)
    assert.equal((await scene.load()).machine.sudo_password, 'tell-nobody')
  })

  test('empty lines behind a secret are none of it', async (t) => {
    const files = { 'printer_data/moonraker.secrets': ini }
    const scene = await configScene(t, main.replace('}', '}.'), files)
    assert.equal((await scene.load()).machine.sudo_password, 'tell-nobody.')
  })

  test('a missing or broken file is told, without its content', async (t) => {
    const missing = await (await configScene(t, '[secrets]\nsecrets_path: {data_path}/no.ini')).load()
    assert.match(
      missing.warnings.at(-1) ?? '',
      /^\[secrets\]: option 'secrets_path', file does not exist: '.*printer_data\/no\.ini'$/,
    )
    for (const [text, message] of [
      ['tell-nobody', /invalid file format, must be json or ini/],
      ['["tell-nobody"]', /top level item in json file .* must be an Object/],
    ] as const) {
      const scene = await configScene(t, main, { 'printer_data/moonraker.secrets': text })
      const { warnings, machine } = await scene.load()
      assert.match(warnings[0] ?? '', message)
      assert.match(warnings[1] ?? '', /\{secrets\.sudo\.password\} is not defined/)
      assert.equal(machine.sudo_password, undefined)
      assert.ok(!warnings.join('\n').includes('tell-nobody'))
    }
  })

  test('credentials in the configuration itself are hidden', async (t) => {
    const scene = await configScene(
      t,
      '[machine]\nsudo_password: tell-nobody\n[mqtt]\npassword: tell-nobody\nusername: me',
    )
    const configuration = await scene.load()
    assert.equal(configuration.machine.sudo_password, 'tell-nobody')
    assert.ok(!JSON.stringify([configuration.parsed(), configuration.orig()]).includes('tell-nobody'))
    assert.deepEqual(configuration.orig()['mqtt'], { password: '(hidden)', username: 'me' })
  })
})
