import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { describe, test, type TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { aptSources } from '../../src/doctor/apt-sources.js'
import type { DoctorHost } from '../../src/doctor/check.js'
import { clock } from '../../src/doctor/clock.js'
import { dns } from '../../src/doctor/dns.js'
import { forge } from '../../src/doctor/forge.js'
import { createWeb } from '../../src/doctor/web.js'
import { systemHttp } from '../../src/system/http.js'
import { answering } from '../support/commands.js'
import { clockAt, foundBy, networkOf, troublesOf } from '../support/patient.js'
import { realCommands } from '../support/surroundings.js'
import { serveWeb } from '../support/web-server.js'

const hour = 3_600_000

/** A forge on this machine, and what looks at it. */
const loopback = async (
  t: TestContext,
  listener: RequestListener,
  token: string | null = null,
): Promise<Pick<DoctorHost, 'web' | 'forges'> & { readonly url: string }> => {
  const url = await serveWeb(t, listener)
  const web = createWeb(systemHttp, await realCommands(), () => token)
  return { web, forges: [{ url, token }], url }
}

/** Nobody listens there. */
const nowhere = 'http://127.0.0.1:1'

const silentHost = async (): Promise<Pick<DoctorHost, 'web' | 'forges' | 'commands'>> => ({
  web: createWeb(systemHttp, await realCommands()),
  forges: [{ url: nowhere, token: null }],
  commands: answering({ code: 100 }).commands,
})

const noon = Date.UTC(2026, 5, 1, 12)

describe('the clock', () => {
  const tells =
    (time: number, more: Readonly<Record<string, string>> = {}): RequestListener =>
    (_, response) => {
      response.sendDate = false
      response.writeHead(200, { date: new Date(time).toUTCString(), ...more }).end('{}')
    }

  test('is compared with the one of the forge', async (t) => {
    const host = await loopback(t, tells(noon))
    const [behind] = await troublesOf(clock, { ...host, clock: clockAt(noon - 3 * hour) })
    assert.equal(behind?.code, 'clock_wrong')
    assert.match(behind.cause, /^The clock is 3 hours behind: it is 2026-06-01T12:00:00\.000Z/)
    assert.match(behind.repair, /timedatectl/)
    const [ahead] = await troublesOf(clock, { ...host, clock: clockAt(noon + 4 * 24 * hour) })
    assert.match(ahead?.cause ?? '', /4 days ahead/)
    assert.deepEqual(await troublesOf(clock, { ...host, clock: clockAt(noon + 200_000) }), [])
  })

  test('an answer that was kept on its way is as old as it says', async (t) => {
    const host = await loopback(t, tells(noon, { age: '7200' }))
    assert.deepEqual(await troublesOf(clock, { ...host, clock: clockAt(noon + 2 * hour) }), [])
  })

  test('is compared with the package sources where the forge is silent', async (t) => {
    const { url } = await loopback(t, tells(noon))
    const { commands } = answering(([program]) =>
      program === 'apt-get' ? { stdout: `${url}/dists/x/Packages Packages\n` } : {},
    )
    const host = { ...(await silentHost()), commands, clock: clockAt(noon + hour) }
    assert.deepEqual(await foundBy(clock, host), [['clock_wrong', '']])
  })

  test('one that was never set is wrong without anybody to ask', async () => {
    const host = { ...(await silentHost()), clock: clockAt(0) }
    assert.deepEqual(await foundBy(clock, host), [['clock_wrong', '']])
  })

  test('without anybody to ask nothing is known', async () => {
    const host = { ...(await silentHost()), clock: clockAt(noon) }
    assert.equal(await foundBy(clock, host), 'No other machine tells the time')
  })

  test('a certificate that does not hold now is a reason to look at it', async () => {
    const cause = Object.assign(new Error('x'), { code: 'CERT_NOT_YET_VALID' })
    const refusal = new MoonkeeperError('remote_failed', 'no', cause)
    const web = networkOf({ 'https://forge.example/rate_limit': refusal })
    const { commands } = answering({ code: 100 })
    assert.match(String(await foundBy(clock, { web, commands })), /certificate does not hold now/)
    const [trouble] = await troublesOf(forge, { web })
    assert.match(trouble?.cause ?? '', /CERT_NOT_YET_VALID - is the clock of this machine right\?/)
  })
})

describe('names', () => {
  test('that lead nowhere, and nowhere in time', async () => {
    const web = networkOf({}, ['forge.example'])
    const [trouble] = await troublesOf(dns, { web })
    assert.deepEqual([trouble?.code, trouble?.about], ['dns_failed', 'forge.example'])
    assert.match(trouble?.cause ?? '', /leads to no address: there is no network/)
    assert.match(String(await foundBy(forge, { web })), /Its name leads to no address/)
    const slow = answering({ code: null, ended: 'timeout' })
    const late = createWeb(systemHttp, slow.commands)
    assert.match((await troublesOf(dns, { web: late }))[0]?.cause ?? '', /the name server is slow/)
    assert.deepEqual(slow.asked[0]?.argv, ['getent', 'ahosts', '--', 'forge.example'])
  })

  test('of this very machine, as its own look-up answers', async () => {
    const web = createWeb(systemHttp, await realCommands())
    const named = (url: string): Pick<DoctorHost, 'web' | 'forges'> => ({
      web,
      forges: [{ url, token: null }],
    })
    assert.deepEqual(await troublesOf(dns, named('http://localhost:1')), [])
    // RFC 6761: it leads nowhere for ever.
    assert.deepEqual(await foundBy(dns, named('http://forge.invalid')), [['dns_failed', 'forge.invalid']])
  })

  test('an address needs none', async () => {
    const web = createWeb(systemHttp, { run: () => assert.fail('it was asked') })
    for (const url of ['http://127.0.0.1:7981', 'http://[::1]:80'])
      assert.deepEqual(await troublesOf(dns, { web, forges: [{ url, token: null }] }), [])
  })

  test('where nothing can be asked nothing is known', async () => {
    const web = createWeb(systemHttp, answering(new Error('no getent')).commands)
    assert.match(String(await foundBy(dns, { web })), /no program here/)
  })
})

describe('the forge', () => {
  test('that answers, whatever it says of an address it does not know', async (t) => {
    const host = await loopback(t, (_, response) => response.writeHead(404).end())
    assert.deepEqual(await troublesOf(forge, host), [])
  })

  test('that does not answer, or not as it should', async (t) => {
    const [silent] = await troublesOf(forge, await silentHost())
    assert.deepEqual([silent?.code, silent?.about], ['forge_unreachable', '127.0.0.1:1'])
    assert.match(silent?.cause ?? '', /ECONNREFUSED/)
    const broken = await loopback(t, (_, response) => response.writeHead(503).end())
    assert.match((await troublesOf(forge, broken))[0]?.cause ?? '', /HTTP 503/)
  })

  test('that answers no more', async (t) => {
    const host = await loopback(t, (_, response) => {
      const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(noon / 1000 + 600) }
      response.writeHead(200, headers).end()
    })
    const [trouble] = await troublesOf(forge, { ...host, clock: clockAt(noon) })
    assert.equal(trouble?.code, 'forge_rate_limited')
    assert.match(trouble.repair, /in 10 minutes; a token of your own/)
  })

  test('that does not take our token', async (t) => {
    const seen: (string | undefined)[] = []
    const listener: RequestListener = ({ headers }, response) => {
      seen.push(headers.authorization)
      response.writeHead(401).end()
    }
    const host = await loopback(t, listener, 'hush')
    const [trouble] = await troublesOf(forge, host)
    assert.equal(trouble?.code, 'forge_token_refused')
    assert.doesNotMatch(JSON.stringify(trouble), /hush/)
    assert.deepEqual(seen, ['Bearer hush'])
    assert.deepEqual(await troublesOf(forge, { ...host, forges: [{ url: host.url, token: null }] }), [])
  })

  test('is asked once, by all that look', async (t) => {
    let asked = 0
    const host = await loopback(t, (_, response) => {
      asked += 1
      response.end()
    })
    await Promise.all([troublesOf(forge, host), foundBy(clock, host), foundBy(aptSources, host)])
    assert.equal(asked, 1)
  })
})
