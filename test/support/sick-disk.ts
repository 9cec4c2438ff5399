/* Runs in a mount namespace of its own: argv names a folder with `locked`, mounted read-only, and `small`, a disk of one MiB. */
import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import path from 'node:path'
import { diskSpace } from '../../src/doctor/disk-space.js'
import { fileSystems } from '../../src/doctor/file-systems.js'
import { systemFiles } from '../../src/system/files.js'
import { foundBy } from './patient.js'

const [folder = ''] = process.argv.slice(2)
const [locked, small, link] = ['locked', 'small', 'link'].map((name) => path.join(folder, name)) as [
  string,
  string,
  string,
]
symlinkSync(locked, link)
const files = systemFiles
const folders = [folder, small]
assert.deepEqual(await foundBy(fileSystems, { files, folders }), [])
for (const place of [locked, link, path.join(link, 'not/there/yet')])
  assert.deepEqual(await foundBy(fileSystems, { files, folders: [folder, place] }), [
    ['read_only_file_system', place],
  ])
const minFreeSpace = 2 * 1024 * 1024
assert.deepEqual(await foundBy(diskSpace, { files, folders, minFreeSpace }), [['disk_full', small]])
