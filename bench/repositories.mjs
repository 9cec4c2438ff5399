// Git histories of known size, as bare repositories that are fetched over file://, so that real transport runs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { run } from './processes.mjs'

/** The environment of every git, and of the daemon: nothing of the user's. */
export const gitEnvironment = (home) => ({
  PATH: process.env.PATH,
  HOME: home,
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
})

export const git = (folder, ...args) => run('git', ['-C', folder, ...args], { env: gitEnvironment(folder) })

const block = (text) => `data ${Buffer.byteLength(text)}\n${text}\n`

const commitText = ({ message, files, tag }, index) => {
  const person = `A Person <person@example.invalid> ${1_700_000_000 + index * 3600} +0000`
  const changes = files.map((file) => `M 100644 inline ${file.path}\n${block(file.text)}`)
  const before = index === 0 ? '' : `from :${index}\n`
  const commit = `commit refs/heads/master\nmark :${index + 1}\ncommitter ${person}\n${block(message)}${before}`
  return `${commit}${changes.join('')}${tag === undefined ? '' : `reset refs/tags/${tag}\nfrom :${index + 1}\n\n`}`
}

/** The same commits have the same hashes whenever they are made. */
const makeBare = async (folder, commits) => {
  mkdirSync(folder, { recursive: true })
  await git(folder, 'init', '-q', '--bare', '-b', 'master')
  const args = ['-C', folder, '-c', 'fastimport.unpackLimit=0', 'fast-import', '--quiet']
  const child = spawn('git', args, { env: gitEnvironment(folder), stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.end(commits.map(commitText).join(''))
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`)
}

const lines = (count, text) => `${text}\n`.repeat(count)

/** 100 commits and then 1,000 more, each changing one of 60 files; a tag every 100. */
export const longHistory = Array.from({ length: 1100 }, (_, index) => ({
  message: `part${index % 7}: change number ${index}\n\nWhat change ${index} is good for,\nin a few lines.\n`,
  files: [
    {
      path: `src/file${index % 60}.py`,
      text: `version = ${index}\n${lines(30, `value_${index} = ${index}`)}`,
    },
  ],
  ...(index % 100 === 0 ? { tag: `v0.${index / 100}.0` } : {}),
}))

const manyFiles = (from, to, version) =>
  Array.from({ length: to - from }, (_, offset) => {
    const index = from + offset
    return {
      path: `lib/part${index % 40}/file${index}.py`,
      text: lines(80, `value_${index} = ${index * version}`),
    }
  })

/** 800 files, then ten commits that change 30 of them each. */
export const wideHistory = Array.from({ length: 11 }, (_, index) => ({
  message: index === 0 ? 'all files' : `change ${index}: thirty files`,
  files: index === 0 ? manyFiles(0, 800, 1) : manyFiles((index - 1) * 30, index * 30, index + 1),
  ...(index === 0 ? { tag: 'v1.0.0' } : {}),
}))

let moved = 0

/** Makes room. Nothing is deleted before the end: to delete many files keeps some disks busy for a while. */
export const moveAside = (target) => {
  if (existsSync(target)) renameSync(target, `${target}.${(moved += 1)}`)
}

/**
 * Remotes whose history can be moved on and back: each is a symlink to a bare repository of one age.
 * @param ages name -> how many of the commits it has
 */
export class Remotes {
  constructor(folder, names) {
    this.folder = folder
    this.names = names
  }

  async make(commits, ages) {
    for (const [age, count] of Object.entries(ages))
      await makeBare(path.join(this.folder, `${age}.git`), commits.slice(0, count))
  }

  url(name) {
    return `file://${path.join(this.folder, 'remotes', `${name}.git`)}`
  }

  /** What the remotes have from now on. */
  publish(age) {
    const links = path.join(this.folder, 'remotes')
    mkdirSync(links, { recursive: true })
    for (const name of this.names) {
      symlinkSync(path.join(this.folder, `${age}.git`), path.join(links, 'new'))
      renameSync(path.join(links, 'new'), path.join(links, `${name}.git`))
    }
  }

  /** Clones to copy from. */
  async clone() {
    for (const name of this.names) {
      const target = path.join(this.folder, 'pristine', name)
      mkdirSync(path.dirname(target), { recursive: true })
      await git(this.folder, 'clone', '-q', this.url(name), target)
    }
  }

  /** Fresh checkouts, with an index that knows its files, and nothing waiting to be written to the disk. */
  async checkOut(target) {
    moveAside(target)
    await run('cp', ['-a', path.join(this.folder, 'pristine'), target])
    for (const name of this.names) await git(path.join(target, name), 'update-index', '-q', '--refresh')
    await run('sync', ['-f', target])
  }
}
