import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Forges } from '../../src/parts/forges.js'
import { systemFiles } from '../../src/system/files.js'
import { systemHttp } from '../../src/system/http.js'
import { temporaryFolder } from '../support/folder.js'
import { quickClock } from '../support/quick-clock.js'
import { silentLog } from '../support/surroundings.js'
import { serveWeb } from '../support/web-server.js'

test('applications of a forge share one client, and the token is sent to nobody else', async (t) => {
  const seen: Record<string, string | undefined> = {}
  const serve = (name: string): Promise<string> =>
    serveWeb(t, (request, response) => {
      seen[name] = request.headers.authorization
      response.writeHead(200, { 'x-ratelimit-limit': name === 'github' ? '5000' : '7' })
      response.end(JSON.stringify({ tag_name: name, assets: [] }))
    })
  const [github, mirror] = [await serve('github'), await serve('mirror')]
  const forges = new Forges({
    http: systemHttp,
    files: systemFiles,
    clock: quickClock(),
    log: silentLog,
    dataFolder: await temporaryFolder(t),
    env: { GITHUB_API_URL: github },
    token: 'secret',
  })
  assert.equal(forges.at(), forges.at())
  assert.equal(forges.at(mirror), forges.at(mirror))
  assert.equal((await forges.at().latest('o', 'r', 'stable'))?.tag, 'github')
  assert.equal((await forges.at(mirror).latest('o', 'r', 'stable'))?.tag, 'mirror')
  assert.deepEqual(seen, { github: 'Bearer secret', mirror: undefined })
  assert.equal(forges.limits().github_rate_limit, 5000)
})
