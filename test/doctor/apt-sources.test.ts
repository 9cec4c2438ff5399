import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { aptSources, releasesIn } from '../../src/doctor/apt-sources.js'
import { createWeb } from '../../src/doctor/web.js'
import { systemHttp } from '../../src/system/http.js'
import { AptRoot } from '../support/apt-root.js'
import { answering } from '../support/commands.js'
import { foundBy, networkOf } from '../support/patient.js'
import { serveWeb } from '../support/web-server.js'

const targets = `http://deb.example/debian/dists/bookworm/main/binary-arm64/Packages main/binary-arm64/Packages
http://deb.example/debian/dists/bookworm/contrib/binary-arm64/Packages contrib/binary-arm64/Packages
https://old.example/raspbian/dists/buster/main/binary-armhf/Packages main/binary-armhf/Packages
http://flat.example/deb/./Packages Packages
cdrom://[Debian]/dists/x/Packages Packages
`
const [debian, raspbian, flat] = [
  'http://deb.example/debian/dists/bookworm/',
  'https://old.example/raspbian/dists/buster/',
  'http://flat.example/deb/./',
] as const

const { commands } = answering(([program]) => (program === 'apt-get' ? { stdout: targets } : {}))

test('each release is asked once', () => {
  assert.deepEqual(releasesIn(targets), [debian, raspbian, flat])
})

test('those that are gone, and those that do not answer', async () => {
  const web = networkOf({
    [`${debian}InRelease`]: {},
    [`${flat}InRelease`]: { status: 502 },
  })
  assert.deepEqual(await foundBy(aptSources, { commands, web }), [
    ['apt_source_gone', raspbian],
    ['apt_source_unreachable', flat],
  ])
})

test('those that have an old Release, or want a password, are there', async () => {
  const web = networkOf({ [`${raspbian}Release`]: {}, [`${flat}InRelease`]: { status: 401 } }, [
    'deb.example',
  ])
  assert.deepEqual(await foundBy(aptSources, { commands, web }), [['apt_source_unreachable', debian]])
})

test('without a network, behind a proxy and without apt nothing is known', async () => {
  const down = new MoonkeeperError('remote_failed', 'no route')
  const web = networkOf({ 'https://forge.example/rate_limit': down }, [
    'deb.example',
    'old.example',
    'flat.example',
  ])
  assert.match(String(await foundBy(aptSources, { commands, web })), /^Nobody in the network answers/)
  const proxied = answering(([program]) =>
    program === 'apt-get' ? { stdout: targets } : { stdout: 'Acquire::http::Proxy "http://cache:3142"\n' },
  )
  assert.match(String(await foundBy(aptSources, { commands: proxied.commands })), /through a proxy/)
  for (const ends of [new Error('no apt'), { code: 100 }])
    assert.match(String(await foundBy(aptSources, { commands: answering(ends).commands })), /no apt here/)
})

/** A real apt, whose one source is at an address. */
const realApt = async (t: TestContext, url: string): Promise<AptRoot> => {
  const apt = await AptRoot.create(t, [], [])
  await apt.source(url)
  return apt
}

test('a real apt tells its sources: a folder that is gone, and a release that is', async (t) => {
  const apt = await realApt(t, '')
  await apt.source(`file:${apt.repository}`)
  const host = { commands: await apt.commands(), web: createWeb(systemHttp, await apt.commands()) }
  assert.deepEqual(await foundBy(aptSources, host), [])
  await rm(apt.repository, { recursive: true })
  assert.deepEqual(await foundBy(aptSources, host), [['apt_source_gone', `file:${apt.repository}/./`]])
  const asked: (string | undefined)[] = []
  const url = await serveWeb(t, (request, response) => {
    asked.push(request.url)
    response.writeHead(404).end()
  })
  await apt.source(url)
  assert.deepEqual(await foundBy(aptSources, host), [['apt_source_gone', `${url}/./`]])
  assert.deepEqual(asked, ['/InRelease', '/Release'])
})
