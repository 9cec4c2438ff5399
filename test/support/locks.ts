import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'

export interface HeldLock {
  /** As people are told. */
  readonly holder: string
  readonly release: () => Promise<void>
}

const program = `
import fcntl, sys
lock = open(sys.argv[1], 'w')
fcntl.lockf(lock, fcntl.LOCK_EX)
print('held', flush=True)
sys.stdin.read()`

/** A program that locks a file as apt does, until it is ended. */
export const holdLock = async (t: Pick<TestContext, 'after'>, file: string): Promise<HeldLock> => {
  const child = spawn('python3', ['-c', program, file], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const release = async (): Promise<void> => {
    child.stdin.end()
    await ended
  }
  t.after(release)
  await once(child.stdout, 'data')
  return { holder: `python3 (process ${child.pid})`, release }
}
