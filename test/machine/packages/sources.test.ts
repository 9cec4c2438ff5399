import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { AptRoot, listener, toys, type Talk } from '../../support/apt-root.js'
import { serveWeb } from '../../support/web-server.js'
import type { PackageProvider, PackageTask } from '../../../src/machine/packages/provider.js'

const all: PackageTask = { kind: 'upgrade', removing: true }

interface Scene {
  readonly apt: AptRoot
  readonly provider: PackageProvider
  readonly talk: Talk
}

/** What is done to the answer for a file of the repository. */
type Fault = 'missing' | 'truncated' | 'stalled' | 'altered'

/** The repository over HTTP. @param fault by the end of a path, what is wrong with it now */
const overHttp = async (t: TestContext, fault: (file: string) => Fault | null): Promise<Scene> => {
  const apt = await AptRoot.create(t, toys('1.0', 'toy-a'), toys('1.1', 'toy-a'))
  const url = await serveWeb(t, (request, response) => {
    const name = path.basename(request.url ?? '')
    const wrong = fault(name)
    const file = path.join(apt.repository, name)
    void readFile(file).then(
      (content) => {
        if (wrong === 'missing') return response.writeHead(404).end()
        const body = wrong === 'altered' ? Buffer.alloc(content.length, 'x') : content
        response.writeHead(200, { 'content-length': String(body.length) })
        if (wrong === 'stalled') return response.write(body.subarray(0, 10))
        if (wrong !== 'truncated') return response.end(body)
        return response.write(body.subarray(0, 10), () => response.socket?.end())
      },
      () => response.writeHead(404).end(),
    )
  })
  await apt.source(url)
  return { apt, provider: await apt.provider(undefined, 1), talk: listener(apt.folder) }
}

const fromFile = async (t: TestContext): Promise<Scene> => {
  const apt = await AptRoot.create(t, toys('1.0', 'toy-a'), toys('1.1', 'toy-a'))
  return { apt, provider: await apt.provider(undefined, 1), talk: listener(apt.folder) }
}

const refuses = async (work: Promise<unknown>, kind: string, message: RegExp): Promise<void> => {
  await assert.rejects(work, (thrown: Error & { kind?: string }) => {
    assert.deepEqual([thrown.kind, message.test(thrown.message)], [kind, true], thrown.message)
    return true
  })
}

test('a source that is not there any more', async (t) => {
  const { provider, talk } = await overHttp(t, () => 'missing')
  await refuses(provider.refresh(talk), 'sources_gone', /http:\/\/127\.0\.0\.1.* 404 .*archive\.debian\.org/)
})

test('a source that is cut off, or says nothing any more', async (t) => {
  for (const fault of ['truncated', 'stalled'] as const) {
    const { provider, talk } = await overHttp(t, (file) => (file === 'Packages' ? fault : null))
    await refuses(provider.refresh(talk), 'sources_unreachable', /Look at the network/)
  }
})

test('packages that are cut off, altered or gone are not installed', async (t) => {
  const expected = {
    truncated: ['sources_unreachable', /network/],
    altered: ['digest_mismatch', /Hash Sum mismatch|unexpected size/],
    missing: ['sources_gone', /404/],
  } as const
  for (const fault of ['truncated', 'altered', 'missing'] as const) {
    const { apt, provider, talk } = await overHttp(t, (file) => (file.endsWith('.deb') ? fault : null))
    await provider.refresh(talk)
    const [kind, message] = expected[fault]
    await refuses(provider.download(all, talk), kind, message)
    assert.deepEqual(await apt.packages(), { 'toy-a': '1.0' })
  }
})

test('a host that cannot be resolved, and one that refuses', async (t) => {
  const { apt, provider, talk } = await fromFile(t)
  await apt.source('http://no-such-host.invalid/debian')
  await refuses(provider.refresh(talk), 'no_dns', /resolv/)
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  assert.ok(address !== null && typeof address !== 'string')
  await new Promise((resolve) => server.close(resolve))
  await apt.source(`http://127.0.0.1:${address.port}`)
  await refuses(provider.refresh(talk), 'sources_unreachable', /connect/)
})

test('a clock that is behind, and a source that is out of date', async (t) => {
  const { apt, provider, talk } = await fromFile(t)
  const day = 86_400_000
  await apt.publish(toys('1.1', 'toy-a'), { Date: new Date(Date.now() + 30 * day).toUTCString() })
  await refuses(provider.refresh(talk), 'clock_wrong', /not valid yet.*timedatectl/)
  await apt.publish(toys('1.1', 'toy-a'), { 'Valid-Until': new Date(Date.now() - 30 * day).toUTCString() })
  await refuses(provider.refresh(talk), 'sources_expired', /expired/)
})

test('a source that is not signed, changed its name, or is written wrongly', async (t) => {
  const { apt, provider, talk } = await fromFile(t)
  await provider.refresh(talk)
  await apt.publish(toys('1.2', 'toy-a'), { Label: 'Other toys' })
  await refuses(provider.refresh(talk), 'sources_renamed', /allow-releaseinfo-change/)
  const list = apt.inside('etc/apt/sources.list')
  await writeFile(list, `deb file:${apt.repository} ./\n`)
  await refuses(provider.refresh(talk), 'sources_untrusted', /not signed/)
  await writeFile(list, 'dep http://example.invalid/ stable main\n')
  await refuses(provider.refresh(talk), 'sources_unreadable', /sources\.list/)
})

test('one source of several that fails is told, and the others are used', async (t) => {
  const { apt, provider, talk } = await fromFile(t)
  const list = apt.inside('etc/apt/sources.list')
  await writeFile(list, `${await readFile(list, 'utf8')}deb [trusted=yes] file:/nonexistent/repository ./\n`)
  const [warning] = await provider.refresh(talk).catch((thrown: Error) => [thrown.message])
  assert.match(warning ?? '', /nonexistent/)
  assert.equal((await provider.simulate(all, talk)).upgrade.length, 1)
})
