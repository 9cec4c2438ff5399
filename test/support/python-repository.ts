import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { sitePackagesOf } from './virtualenv.js'
import { writeTree } from './tree.js'
import { wheelFiles, type TestWheel } from './wheels.js'

/** Where the repository says that it is; git is told otherwise. */
export const repositoryUrl = 'https://github.com/owner/toyapp'

export interface PythonRepository {
  readonly folder: string
  /** For the environment of commands: what is asked of the address above is answered by the repository here. */
  readonly env: Readonly<Record<string, string>>
  /** Commits a version, with a tag. @returns the commit */
  readonly release: (version: string, more?: Partial<TestWheel>) => string
}

/** Builds itself, with nothing from any index (PEP 517). */
const backend = `import json, os, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    files = json.load(open('files.json'))
    name = open('name').read()
    with zipfile.ZipFile(os.path.join(folder, name), 'w') as archive:
        for file, content in files.items():
            archive.writestr(file, content)
    return name
`

const project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'

const git = (folder: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
    env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  }).trim()

const commitVersion = (folder: string, wheel: TestWheel): string => {
  writeFileSync(path.join(folder, 'files.json'), JSON.stringify(wheelFiles(wheel)))
  writeFileSync(path.join(folder, 'name'), `toyapp-${wheel.version}-py3-none-any.whl`)
  git(folder, 'add', '-A')
  git(folder, 'commit', '-q', '--allow-empty', '-m', wheel.version)
  git(folder, 'tag', '-f', `v${wheel.version}`)
  return git(folder, 'rev-parse', 'HEAD')
}

/** A repository whose package builds itself, on the branch master. */
export const makePythonRepository = (above: string): PythonRepository => {
  const folder = path.join(above, 'upstream')
  mkdirSync(folder, { recursive: true })
  git(folder, 'init', '-q', '-b', 'master')
  writeFileSync(path.join(folder, 'backend.py'), backend)
  writeFileSync(path.join(folder, 'pyproject.toml'), project)
  return {
    folder,
    env: {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.${folder}.insteadOf`,
      GIT_CONFIG_VALUE_0: repositoryUrl,
    },
    release: (version, more = {}) => commitVersion(folder, { name: 'toyapp', version, ...more }),
  }
}

/** What pip writes down of a package that it installed from a repository. */
export const noteOrigin = (virtualenv: string, version: string, commit: string, url = repositoryUrl): void =>
  writeTree(sitePackagesOf(virtualenv), {
    [`toyapp-${version}.dist-info/direct_url.json`]: JSON.stringify({
      url,
      vcs_info: { vcs: 'git', commit_id: commit, requested_revision: 'master' },
    }),
  })
