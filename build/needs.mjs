// What the tests need besides Node: Debian packages, installed where this user may.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const needs = [
  { program: 'git', package: 'git' },
  { program: 'setpriv', package: 'util-linux' },
  { file: '/usr/share/python-wheels', package: 'python3-venv' },
]

const found = (program) =>
  (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`))

const isThere = ({ program, file }) => (program === undefined ? existsSync(file) : found(program))

const aptGet = (args) =>
  spawnSync('apt-get', args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
    .status === 0

/** Ends the run with the names of what is missing, when it cannot be installed. */
export const installNeeds = () => {
  const missing = needs.filter((need) => !isThere(need))
  if (missing.length === 0) return
  const packages = missing.map((need) => need.package)
  const mayInstall = process.getuid?.() === 0 && found('apt-get')
  if (mayInstall && aptGet(['update', '-qq']) && aptGet(['install', '-y', '-qq', ...packages])) return
  console.error(`The tests need these Debian packages: ${packages.join(' ')}. Install them and try again.`)
  process.exit(1)
}
