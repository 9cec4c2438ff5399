import { Readable } from 'node:stream'
import type { Check, DoctorHost, Patient, Trouble } from '../../src/doctor/check.js'
import { createWeb, type Web } from '../../src/doctor/web.js'
import type { Clock } from '../../src/system/clock.js'
import { DBusFailure, type DBus, type DBusCall } from '../../src/system/dbus.js'
import { systemFiles } from '../../src/system/files.js'
import type { HttpAnswer, HttpClient } from '../../src/system/http.js'
import { answering } from './commands.js'

/** What an address answers; an Error: nobody does. */
export type Page = { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } | Error

/** A web of a few pages; all other addresses answer 404. */
const webOf = (pages: Readonly<Record<string, Page>>): HttpClient => ({
  get: async (url): Promise<HttpAnswer> => {
    const page = pages[url] ?? { status: 404 }
    if (page instanceof Error) throw page
    const headers = page.headers ?? {}
    return { status: page.status ?? 200, header: (name) => headers[name] ?? null, body: Readable.from([]) }
  },
})

/** A network of these pages, in which all names lead somewhere but those that are listed. */
export const networkOf = (pages: Readonly<Record<string, Page>>, nameless: readonly string[] = []): Web => {
  const { commands } = answering((argv) => ({ code: nameless.includes(argv.at(-1) ?? '') ? 2 : 0 }))
  return createWeb(webOf(pages), commands)
}

/** A bus whose methods answer as they are told, by their names; all others are not there. */
export const busOf = (
  members: Readonly<Record<string, readonly unknown[] | string>>,
): DBus & { readonly asked: DBusCall[] } => {
  const asked: DBusCall[] = []
  return {
    asked,
    call: async (call) => {
      asked.push(call)
      const answer = members[call.member] ?? 'org.freedesktop.DBus.Error.ServiceUnknown'
      if (typeof answer === 'string') throw new DBusFailure(answer, 'no')
      return answer
    },
    listen: async () => () => undefined,
    close: () => undefined,
  }
}

const noon = Date.UTC(2026, 5, 1, 12)

/** Stands still at a time; nobody waits for anything to be late. */
export const clockAt = (now: number): Clock => ({
  now: () => now,
  wait: (_, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    }),
  hour: () => 0,
})

/** A machine on which nothing is wrong. */
export const healthyHost = (replaced: Partial<DoctorHost> = {}): DoctorHost => ({
  clock: clockAt(noon),
  files: { ...systemFiles, freeSpace: async () => 10 ** 12 },
  commands: answering({}).commands,
  web: networkOf({
    'https://forge.example/rate_limit': { headers: { date: new Date(noon).toUTCString() } },
  }),
  bus: busOf({ StartServiceByName: [2], ResetFailedUnit: [], CanReboot: ['yes'], CanAuthorize: [1] }),
  power: { underVoltage: async () => false },
  throttling: { state: async () => ({ bits: 0, flags: [] }) },
  root: false,
  user: 'pi',
  usesPolkit: true,
  usesPackageKit: true,
  mayBecomeRoot: async () => false,
  ownService: async () => 'moonkeeper',
  forges: [{ url: 'https://forge.example', token: null }],
  folders: ['/proc'],
  minFreeSpace: 150 * 1024 * 1024,
  patients: [],
  packages: async () => ({ unfinished: async () => [], busy: async () => null }),
  isBusy: () => false,
  repairs: { alone: (work) => work(), packages: async () => null },
  ...replaced,
})

export const patient = (replaced: Partial<Patient>): Patient => ({
  name: 'app',
  folder: null,
  isGit: false,
  virtualenv: null,
  ...replaced,
})

/** What is wrong; fails where nothing can be told. */
export const troublesOf = async (
  check: Check,
  replaced: Partial<DoctorHost> = {},
): Promise<readonly Trouble[]> => {
  const found = await check.look(healthyHost(replaced))
  if ('unknown' in found) throw new Error(`${check.name} could not tell: ${found.unknown}`)
  return found
}

/** Code and what it is about, of what was found; the reason where nothing can be told. */
export const foundBy = async (
  check: Check,
  replaced: Partial<DoctorHost> = {},
): Promise<readonly (readonly [string, string])[] | string> => {
  const found = await check.look(healthyHost(replaced))
  return 'unknown' in found ? found.unknown : found.map(({ code, about }) => [code, about] as const)
}
