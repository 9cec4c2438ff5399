import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { sitePackagesOf } from './virtualenv.js'

/*
 * Python imports what a .pth file names before anything else. This module counts what is changed in the virtualenv, and
 * kills the daemon, whose id is in a file, at the Nth change. The daemon knows nothing of this; pip dies with it.
 */
const code = `import os
import signal
import sys

armed = os.environ.get('PIP_KILL_ARMED', '')
if os.path.exists(armed):
    at = int(os.environ['PIP_KILL_AT'])
    out = os.open(os.environ['PIP_KILL_COUNT'], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    home = sys.prefix + os.sep
    points = [0]

    def changes(event, args):
        if event == 'open':
            return args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) != 0
        return event in ('os.rename', 'os.remove', 'os.rmdir', 'os.mkdir', 'os.symlink', 'os.chmod')

    def watch(event, args):
        if not changes(event, args) or not str(args[0]).startswith(home):
            return
        points[0] += 1
        os.write(out, (event + ' ' + str(args[0]) + '\\n').encode())
        if points[0] == at:
            with open(os.environ['PIP_KILL_PID']) as file:
                os.kill(int(file.read()), signal.SIGKILL)

    sys.addaudithook(watch)
`

/** Lets pip of a virtualenv kill the daemon. */
export const addPipKill = (env: string): void => {
  writeFileSync(path.join(sitePackagesOf(env), 'pip_kill.py'), code)
  writeFileSync(path.join(sitePackagesOf(env), 'pip_kill.pth'), 'import pip_kill\n')
  // What Python compiles of it is there from the beginning.
  execFileSync(path.join(env, 'bin/python'), ['-c', ''], { env: {} })
}

/** For the daemon's environment. @param at the Nth change; 0: none, they are only counted */
export const pipKillEnv = (folder: string, at: number): Readonly<Record<string, string>> => ({
  PIP_KILL_ARMED: path.join(folder, 'armed'),
  PIP_KILL_PID: path.join(folder, 'pid'),
  PIP_KILL_COUNT: path.join(folder, 'pip-points'),
  PIP_KILL_AT: String(at),
})
