// What the tests need besides Node: Debian packages, installed where this user may.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const needs = [
  { program: 'git', package: 'git' },
  { program: 'setpriv', package: 'util-linux' },
  { program: 'minisign', package: 'minisign' },
  { program: '/usr/share/python-wheels', package: 'python3-venv' },
  { program: 'dbus-daemon', package: 'dbus' },
  { program: '/usr/libexec/packagekitd', package: 'packagekit' },
  { program: '/usr/lib/polkit-1/polkitd', package: 'polkitd' },
  { program: 'apt-ftparchive', package: 'apt-utils' },
  { program: 'dpkg-deb', package: 'dpkg' },
  { program: 'dpkg-scanpackages', package: 'dpkg-dev' },
  { program: 'python3', package: 'python3' },
  { program: 'sqlite3', package: 'sqlite3' },
  { program: 'systemd-nspawn', package: 'systemd-container' },
  { program: '/usr/sbin/visudo', package: 'sudo' },
  { program: 'openssl', package: 'openssl' },
  { program: 'ip', package: 'iproute2' },
]

const found = (program) =>
  program.startsWith('/')
    ? existsSync(program)
    : (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`))

const aptGet = (args) =>
  spawnSync('apt-get', args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
    .status === 0

/** Ends the run with the names of what is missing, when it cannot be installed. */
export const installNeeds = () => {
  const missing = needs.filter(({ program }) => !found(program))
  if (missing.length === 0) return
  const packages = missing.map((need) => need.package)
  const mayInstall = process.getuid?.() === 0 && found('apt-get')
  if (mayInstall && aptGet(['update', '-qq']) && aptGet(['install', '-y', '-qq', ...packages])) return
  console.error(`The tests need these Debian packages: ${packages.join(' ')}. Install them and try again.`)
  process.exit(1)
}
