import { releasesOf } from './apt-sources.js'
import type { Check, DoctorHost, Trouble } from './check.js'
import { isAboutTime, probeUrl } from './forge.js'

/** Nobody who runs this has a clock that is behind this day, unless it is wrong. */
const earliest = Date.UTC(2026, 0, 1)

/** Certificates and signed package lists hold for days: minutes do no harm. */
const tolerance = 5 * 60_000

const inWords = (milliseconds: number): string => {
  const minutes = Math.round(milliseconds / 60_000)
  if (minutes < 120) return `${minutes} minutes`
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} hours` : `${Math.round(minutes / 60 / 24)} days`
}

const consequence = 'Certificates and package lists count as not valid yet, or not any more'

const trouble = (what: string, why: string): Trouble => ({
  code: 'clock_wrong',
  about: '',
  cause: `The clock is ${what}: ${why}. ${consequence}`,
  repair: 'timedatectl; sudo timedatectl set-ntp true',
})

/** What another machine says the time is; null when it does not. */
const timeAt = async (url: string, { web }: DoctorHost): Promise<number | null> => {
  const reply = await web.ask(url)
  if (reply.kind !== 'answer') return null
  const date = Date.parse(reply.header('date') ?? '')
  // Of an answer that was kept on its way: RFC 9111, section 5.1.
  const age = Number(reply.header('age') ?? 0) * 1000
  return Number.isNaN(date) ? null : date + (Number.isFinite(age) ? age : 0)
}

/** Where the time can be had without a certificate, which a wrong clock takes for a bad one. */
const plainPlaces = async (host: DoctorHost): Promise<readonly string[]> => {
  const releases = await releasesOf(host)
  return typeof releases === 'string'
    ? []
    : releases.filter((release) => release.startsWith('http:')).map((release) => `${release}InRelease`)
}

const timeElsewhere = async (host: DoctorHost): Promise<number | null> => {
  for (const forge of host.forges) {
    const time = await timeAt(probeUrl(forge), host)
    if (time !== null) return time
  }
  const [place] = await plainPlaces(host)
  return place === undefined ? null : timeAt(place, host)
}

const saysCertificate = async ({ forges, web }: DoctorHost): Promise<boolean> => {
  const replies = await Promise.all(forges.map((forge) => web.ask(probeUrl(forge))))
  return replies.some(isAboutTime)
}

export const clock: Check = {
  name: 'clock',
  async look(host) {
    const now = host.clock.now()
    if (now < earliest) return [trouble('far behind', `it says ${new Date(now).toISOString()}`)]
    const elsewhere = await timeElsewhere(host)
    if (elsewhere === null)
      return (await saysCertificate(host))
        ? {
            unknown: `No other machine tells the time, but a certificate does not hold now: look at the clock (it says ${new Date(now).toISOString()})`,
          }
        : { unknown: 'No other machine tells the time' }
    const difference = now - elsewhere
    if (Math.abs(difference) < tolerance) return []
    const what = `${inWords(Math.abs(difference))} ${difference < 0 ? 'behind' : 'ahead'}`
    return [trouble(what, `it is ${new Date(elsewhere).toISOString()}`)]
  },
}
