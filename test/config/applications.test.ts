import assert from 'node:assert/strict'
import { symlink } from 'node:fs/promises'
import path from 'node:path'
import { describe, test } from 'node:test'
import { builtinOptions, type ApplicationSettings, type Configuration } from '../../src/config/index.js'
import { configScene, type ConfigScene } from '../support/config.js'

const venv = { 'env/bin/activate': '', 'env/bin/python': '' }
const git = (extra = ''): string =>
  `type: git_repo\npath: ~/app\norigin: https://x/y.git\nis_system_service: False\n${extra}`

type Scope = Parameters<typeof configScene>[0]

/** One section [update_manager app] with a folder ~/app. */
const sceneOf = (t: Scope, body: string, files: Record<string, string> = {}): Promise<ConfigScene> =>
  configScene(t, `[update_manager app]\n${body}\n`, { 'app/x': '', ...files })

const only = ({ applications, warnings }: Configuration): ApplicationSettings => {
  assert.deepEqual(warnings, [])
  assert.equal(applications.length, 1)
  return applications[0] as ApplicationSettings
}

const optionsOf = async (
  t: Scope,
  body: string,
  files: Record<string, string> = {},
): Promise<Record<string, unknown>> => ({ ...only(await (await sceneOf(t, body, files)).load()).options })

describe('a git_repo', () => {
  test('has defaults', async (t) => {
    const scene = await sceneOf(t, git())
    const application = only(await scene.load())
    assert.deepEqual(application, {
      name: 'app',
      section: 'update_manager app',
      type: 'git_repo',
      channelInvalid: false,
      own: { settle_time: 10, theme: false },
      options: {
        type: 'git_repo',
        channel: 'dev',
        report_anomalies: true,
        info_tags: [],
        path: path.join(scene.home, 'app'),
        enable_node_updates: false,
        is_system_service: false,
        managed_services: [],
        origin: 'https://x/y.git',
        primary_branch: 'master',
      },
    })
  })

  test('is where its symlink leads', async (t) => {
    const scene = await sceneOf(t, git().replace('~/app', '~/link'))
    await symlink('app', path.join(scene.home, 'link'))
    assert.equal((only(await scene.load()).options as { path?: string }).path, path.join(scene.home, 'app'))
  })

  test('pins in lower case', async (t) => {
    assert.equal((await optionsOf(t, git('pinned_commit: 79930ED99')))['pinned_commit'], '79930ed99')
  })

  test('names its dependencies', async (t) => {
    const files = { ...venv, 'app/req.txt': '', 'app/deps.json': '', 'app/package-lock.json': '' }
    const body = git(
      'virtualenv: ~/env\nrequirements: req.txt\nsystem_dependencies: deps.json\nenable_node_updates: yes\n' +
        'pip_environment_variables:\n  A=1\nvenv_args: -p python3',
    )
    const options = await optionsOf(t, body, files)
    assert.match(String(options['virtualenv']), /^\/.*\/env$/)
    assert.deepEqual(
      [
        options['requirements'],
        options['system_dependencies'],
        options['enable_node_updates'],
        options['pip_environment_variables'],
      ],
      ['req.txt', 'deps.json', true, { A: '1' }],
    )
  })

  test('may name its virtualenv by the old env, or relative to its folder', async (t) => {
    const files = { ...venv, 'app/env/bin/activate': '', 'app/env/bin/python': '', 'app/r': '' }
    const old = String(
      (await optionsOf(t, git('env: ~/env/bin/python\nrequirements: r'), files))['virtualenv'],
    )
    assert.match(old, /\/env$/)
    assert.doesNotMatch(old, /\/app\/env$/)
    assert.match(
      String((await optionsOf(t, git('virtualenv: env\nrequirements: r'), files))['virtualenv']),
      /\/app\/env$/,
    )
  })

  test('may name its virtualenv by an env whose interpreter is gone: a recovery mends that', async (t) => {
    const files = { 'app/r': '', 'env/bin/activate': '' }
    const scene = await sceneOf(t, git('env: ~/env/bin/python\nrequirements: r'), files)
    await symlink('/usr/bin/python3.1', path.join(scene.home, 'env/bin/python'))
    const { applications, warnings } = await scene.load()
    assert.deepEqual(warnings, [])
    assert.equal(
      (applications[0]?.options as { virtualenv?: string }).virtualenv,
      path.join(scene.home, 'env'),
    )
  })
})

describe('services', () => {
  const body = (extra: string): string => git(extra).replace('is_system_service: False\n', '')
  const files = { 'printer_data/moonraker.asvc': 'app\n' }

  test('are the own one, unless something else is said', async (t) => {
    assert.deepEqual((await optionsOf(t, body(''), files))['managed_services'], ['app'])
    assert.deepEqual((await optionsOf(t, body('is_system_service: False'), files))['managed_services'], [])
    assert.deepEqual(
      (await optionsOf(t, body('managed_services:\n klipper app'), files))['managed_services'],
      ['app', 'klipper'],
    )
  })

  test('that are not allowed are left alone', async (t) => {
    const { applications, warnings } = await (await sceneOf(t, body('managed_services: app klipper'))).load()
    assert.deepEqual((applications[0]?.options as { managed_services?: string[] }).managed_services, [])
    assert.match(
      warnings[0] ?? '',
      /^\[update_manager app\]: Moonraker is not permitted to restart service 'app'/,
    )
  })

  test('of others are left out', async (t) => {
    const { applications, warnings } = await (
      await sceneOf(t, body('managed_services: ssh moonraker'), files)
    ).load()
    assert.deepEqual((applications[0]?.options as { managed_services?: string[] }).managed_services, [
      'moonraker',
    ])
    assert.deepEqual(warnings, [
      "[update_manager app]: Option 'managed_services: ssh moonraker' contains an invalid value 'ssh'.  " +
        "All values must be one of the following choices: ['app', 'klipper', 'moonraker']",
    ])
  })
})

describe('the other types', () => {
  test('web', async (t) => {
    const options = await optionsOf(
      t,
      'type: web\nrepo: /a/b/\npath: ~/app\nchannel: beta\npersistent_files:\n  keep/\n  c.json',
    )
    assert.deepEqual(
      [options['repo'], options['channel'], options['persistent_files']],
      ['a/b', 'beta', ['keep', 'c.json']],
    )
  })
  test('zip', async (t) => {
    const options = await optionsOf(t, 'type: zip\nrepo: a/b\npath: ~/app\nmanaged_services: klipper')
    assert.deepEqual([options['channel'], options['managed_services']], ['stable', ['klipper']])
  })
  test('executable', async (t) => {
    assert.equal(
      (await optionsOf(t, 'type: executable\nrepo: a/b\npath: ~/app\nis_system_service: no'))['repo'],
      'a/b',
    )
  })
  test('python', async (t) => {
    const options = await optionsOf(t, 'type: python\nvirtualenv: ~/env\nis_system_service: no', venv)
    assert.deepEqual([options['project_name'], options['channel']], ['app', 'stable'])
    const extras = await optionsOf(
      t,
      'type: python\nvirtualenv: ~/env\nis_system_service: no\nproject_name: x[y]\nchannel: dev',
      venv,
    )
    assert.deepEqual([extras['project_name'], extras['channel']], ['x[y]', 'dev'])
  })
  test('a channel that the type does not have', async (t) => {
    const { applications } = await (
      await sceneOf(t, 'type: web\nrepo: a/b\npath: ~/app\nchannel: dev')
    ).load()
    assert.deepEqual([applications[0]?.channelInvalid, applications[0]?.options.channel], [true, 'stable'])
  })
})

describe('a broken section is told, and the next one is served', () => {
  const failed = '[update_manager]: Failed to load extension app: '
  const section = 'in section [update_manager app]'
  const cases: readonly [string, string, string][] = [
    ['no type', 'path: ~/app', "No option 'type' in section: 'update_manager app'"],
    [
      'a type in capitals',
      'type: ZIP',
      "Section [update_manager app], Option 'type: Value ZIP is not a vailid choice.  Must be one of the following ['web', 'git_repo', 'zip', 'python', 'executable']",
    ],
    [
      'a channel that nothing has',
      git('channel: nightly'),
      "Section [update_manager app], Option 'channel: Value nightly is not a vailid choice.  Must be one of the following ['stable', 'beta', 'dev']",
    ],
    ['no path', 'type: git_repo', "No option 'path' in section: 'update_manager app'"],
    [
      'no origin',
      'type: git_repo\npath: ~/app\nis_system_service: no',
      "No option 'origin' in section: 'update_manager app'",
    ],
    [
      'a relative path',
      git().replace('~/app', 'app'),
      `option 'path' ${section} must be absolute or begin with ~/, not 'app' (FILE, line 4)`,
    ],
    [
      'the home folder',
      git().replace('~/app', '~'),
      `option 'path' ${section} must be the application's own folder, not one that holds HOME (FILE, line 4)`,
    ],
    [
      'the root',
      git().replace('~/app', '/'),
      `option 'path' ${section} must be the application's own folder, not one that holds HOME (FILE, line 4)`,
    ],
    [
      'a helper as origin',
      git().replace('https://x/y.git', 'ext::sh -c x'),
      `option 'origin' ${section} must be a URL or a path: git helpers such as ext:: and fd:: are not allowed (FILE, line 5)`,
    ],
    [
      'an option as origin',
      git().replace('https://x/y.git', '--upload-pack=x'),
      `option 'origin' ${section} must not begin with '-' (FILE, line 5)`,
    ],
    [
      'an option as old origin',
      git('moved_origin: -x'),
      `option 'moved_origin' ${section} must not begin with '-' (FILE, line 7)`,
    ],
    [
      'an option as branch',
      git('primary_branch: --upload-pack=x'),
      `option 'primary_branch' ${section} must be the name of a git branch, not '--upload-pack=x' (FILE, line 7)`,
    ],
    [
      'a short pin',
      git('pinned_commit: 79930ed'),
      `option 'pinned_commit' ${section} must have 8 characters or more (FILE, line 7)`,
    ],
    [
      'a number that is none',
      git('refresh_interval: often'),
      `option 'refresh_interval' ${section} must be a whole number, not 'often' (FILE, line 7)`,
    ],
    [
      'a virtualenv that is none',
      git('virtualenv: ~/app'),
      `option 'virtualenv' ${section} must be a Python virtualenv: HOME/app/bin/activate does not exist (FILE, line 7)`,
    ],
    [
      'a virtualenv without requirements',
      git('virtualenv: ~/env'),
      "No option 'requirements' in section: 'update_manager app'",
    ],
    [
      'requirements that are gone',
      git('virtualenv: ~/env\nrequirements: r.txt'),
      `Invalid path for option \`requirements\` ${section}: Path \`HOME/app/r.txt\` does not exist`,
    ],
    [
      'requirements elsewhere',
      git('virtualenv: ~/env\nrequirements: ../env/bin/python'),
      `option 'requirements' ${section} must name something inside the folder, not '../env/bin/python'`,
    ],
    [
      'dependencies that are a folder',
      git('system_dependencies: sub'),
      `Invalid path for option \`system_dependencies\` ${section}: Path \`HOME/app/sub\` is not a file`,
    ],
    [
      'an env that cannot run',
      git('env: ~/app/x'),
      `Invalid path for option \`env\` ${section}: Path \`HOME/app/x\` is not executable`,
    ],
    [
      'a repo without owner',
      'type: web\npath: ~/app\nrepo: x',
      `option 'repo' ${section} must be written owner/name, not 'x' (FILE, line 5)`,
    ],
    [
      'persistent files elsewhere',
      'type: web\npath: ~/app\nrepo: a/b\npersistent_files:\n ../x',
      `option 'persistent_files' ${section} must name something inside the folder, not '../x' (FILE, line 6)`,
    ],
    [
      'the version as persistent file',
      'type: web\npath: ~/app\nrepo: a/b\npersistent_files: .version',
      "Invalid value for option 'persistent_files': '.version' can not be persistent.",
    ],
    [
      'a package that is none',
      'type: python\nvirtualenv: ~/env\nis_system_service: no\nproject_name: --index-url=x',
      `option 'project_name' ${section} must be the name of a Python package, not '--index-url=x' (FILE, line 6)`,
    ],
    [
      'a relative virtualenv of a package',
      'type: python\nvirtualenv: env',
      `option 'virtualenv' ${section} must be absolute or begin with ~/ (FILE, line 4)`,
    ],
  ]
  for (const [name, body, message] of cases)
    test(name, async (t) => {
      const next = '\n[update_manager next]\ntype: web\nrepo: a/b\npath: ~/app'
      const scene = await sceneOf(t, body + next, { ...venv, 'app/sub/x': '' })
      const { applications, warnings } = await scene.load()
      assert.equal(
        warnings[0],
        failed + message.replaceAll('FILE', scene.configFile).replaceAll('HOME', scene.home),
      )
      assert.deepEqual(
        applications.map((application) => application.name),
        ['next'],
      )
      assert.ok(warnings.slice(1).every((warning) => warning.startsWith('Unparsed config option')))
    })

  test('what was left unread is told, unless an option is missing or no such value', async (t) => {
    const count = async (body: string): Promise<number> =>
      (await (await sceneOf(t, body)).load()).warnings.length
    assert.equal(await count(git('refresh_interval: often')), 1)
    assert.equal(await count('type: git_repo\norigin: x\nprimary_branch: y'), 1)
    assert.equal(await count(git().replace('~/app', '~/gone')), 3)
  })

  test('names that are no names', async (t) => {
    const scene = await configScene(t, `[update_manager ../x]\n${git()}[update_manager -x]\n${git()}`, {
      'app/x': '',
    })
    const { applications, warnings } = await scene.load()
    assert.equal(applications.length, 0)
    assert.match(
      warnings[0] ?? '',
      /Failed to load extension \.\.\/x: the name '\.\.\/x' must not begin with/,
    )
    assert.match(warnings[1] ?? '', /Failed to load extension -x: the name '-x' must not begin with/)
  })

  test('names that are taken', async (t) => {
    const main = `[update_manager app]\n${git()}[update_manager client app]\n${git()}[update_manager system]\n${git()}`
    const { applications, warnings } = await (await configScene(t, main, { 'app/x': '' })).load()
    assert.equal(applications.length, 1)
    assert.deepEqual(
      warnings,
      ['app', 'system'].map((name) => `[update_manager]: Extension ${name} already added`),
    )
  })

  test('options that nothing knows, with file and line', async (t) => {
    const scene = await sceneOf(t, git('primary_brunch: main\nrequirements: x'))
    assert.deepEqual((await scene.load()).warnings, [
      `[update_manager app]: option 'primary_brunch' is not known and has no effect (${scene.configFile}, line 7). Correct or remove it`,
      `[update_manager app]: option 'requirements' has no effect beside what else is set there (${scene.configFile}, line 8). Correct or remove it`,
    ])
  })
})

describe('Klipper and Moonraker', () => {
  test('Moonraker is found in ~/moonraker if that is a checkout', async (t) => {
    const without = await configScene(t, '', { 'moonraker/x': '' })
    assert.equal((await without.load()).moonraker, null)
    const scene = await configScene(t, '[update_manager]\nchannel: beta', { 'moonraker/.git/HEAD': '' })
    const { moonraker } = await scene.load()
    assert.equal(moonraker?.options.path, path.join(scene.home, 'moonraker'))
    assert.deepEqual(
      [
        moonraker.options.origin,
        moonraker.options.managed_services,
        moonraker.options.channel,
        moonraker.name,
      ],
      ['https://github.com/arksine/moonraker.git', ['moonraker'], 'beta', 'moonraker'],
    )
  })

  test('their sections override', async (t) => {
    const main =
      '[update_manager]\nchannel: beta\n[update_manager klipper]\npath: ~/k\nenv: ~/env/bin/python\nchannel: stable\n' +
      'pinned_commit: ABCDEF0123\nrefresh_interval: 5\nreport_anomalies: no\n[update_manager moonraker]\npath: ~/m\n'
    const scene = await configScene(t, main, { ...venv, 'k/x': '', 'm/x': '' })
    const { klipper, moonraker, applications, warnings, parsed } = await scene.load()
    assert.deepEqual(warnings, [])
    assert.equal(applications.length, 0)
    assert.equal(moonraker?.options.path, path.join(scene.home, 'm'))
    assert.deepEqual(klipper?.options, {
      ...builtinOptions(
        'klipper',
        {
          path: path.join(scene.home, 'k'),
          env: path.join(scene.home, 'env/bin/python'),
          virtualenv: path.join(scene.home, 'env'),
        },
        {},
      ),
      channel: 'stable',
      pinned_commit: 'abcdef0123',
      refresh_interval: 5,
      report_anomalies: false,
    })
    assert.equal(klipper.options.origin, 'https://github.com/Klipper3d/klipper.git')
    assert.equal(klipper.options.moved_origin, 'https://github.com/kevinoconnor/klipper.git')
    assert.deepEqual(klipper.options.managed_services, ['klipper'])
    assert.deepEqual(parsed()['update_manager moonraker'], { path: '~/m' })
    assert.equal(parsed()['update_manager klipper']?.['refresh_interval'], '5')
  })

  test('without a path, the overrides wait for what Klipper reports', async (t) => {
    const scene = await configScene(
      t,
      '[update_manager klipper]\npinned_commit: abcdef01\n[update_manager]\nchannel: beta',
    )
    const { klipper, klipperOverrides } = await scene.load()
    assert.equal(klipper, null)
    assert.deepEqual(klipperOverrides, { channel: 'beta', pinned_commit: 'abcdef01' })
    const options = builtinOptions('klipper', { path: '/k' }, klipperOverrides)
    assert.deepEqual(
      [options.path, options.channel, options.pinned_commit, options.env],
      ['/k', 'beta', 'abcdef01', undefined],
    )
  })

  test('with a pin, path or channel that is none they are left alone', async (t) => {
    for (const [main, message] of [
      [
        '[update_manager klipper]\npinned_commit: stable',
        /Failed to load extension klipper: option 'pinned_commit'.*8 characters/,
      ],
      [
        '[update_manager klipper]\npath: ~/gone',
        /Failed to load extension klipper: Invalid path for option `path`.*gone` does not exist/,
      ],
      [
        '[update_manager klipper]\nenv: ~/gone',
        /Failed to load extension klipper: Invalid path for option `env`/,
      ],
      ['[update_manager klipper]\nchannel: stabel', /Failed to load extension klipper: option 'channel'/],
      ['[update_manager]\nchannel: stabel', /option 'channel' in section \[update_manager\]/],
    ] as const) {
      const { klipper, klipperOverrides, warnings } = await (await configScene(t, main)).load()
      assert.deepEqual([klipper, klipperOverrides], [null, null])
      assert.match(warnings[0] ?? '', message)
    }
  })
})
