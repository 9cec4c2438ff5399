/** The web as far as it is needed to find out where a repository moved to. */
export interface Http {
  /**
   * Follows redirects and tells the final address.
   * Only to https, or to the host that was asked, and at most five times.
   * @returns null when the address does not answer with success
   */
  finalAddress(url: string, signal?: AbortSignal): Promise<string | null>
}

const timeLimit = 10_000
const maxRedirects = 5

const mayFollow = (from: URL, to: URL): boolean => to.protocol === 'https:' || to.host === from.host

const ask = async (
  url: URL,
  signal: AbortSignal | undefined,
  milliseconds = timeLimit,
): Promise<Response> => {
  const limit = AbortSignal.timeout(milliseconds)
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { 'user-agent': 'moonkeeper' },
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  })
  await response.body?.cancel()
  return response
}

export const systemHttp: Http = {
  async finalAddress(url, signal) {
    try {
      let current = new URL(url)
      for (let hop = 0; hop <= maxRedirects; hop += 1) {
        const response = await ask(current, signal)
        const location = response.headers.get('location')
        if (response.status < 300 || response.status >= 400 || location === null)
          return response.ok ? current.href : null
        const next = new URL(location, current)
        if (!mayFollow(current, next)) return null
        current = next
      }
    } catch {
      // No network, a bad address, a time-out: then nothing is known of a move.
    }
    return null
  },
}

/** Whether an address answers, which is all that is asked of it. */
export interface HttpProbe {
  /**
   * One GET: any 2xx or 3xx is success, redirects are not followed and no body is read.
   * @param limit milliseconds until it counts as not answered
   * @returns null on success, else what was wrong, for people
   * @throws the signal's reason when it is aborted
   */
  obstacle(url: string, limit: number, signal: AbortSignal): Promise<string | null>
}

const whyNoAnswer = (thrown: unknown, limit: number): string => {
  if (!(thrown instanceof Error)) return String(thrown)
  if (thrown.name === 'TimeoutError') return `no answer within ${limit / 1000} seconds`
  const cause = thrown.cause as NodeJS.ErrnoException | undefined
  if (cause?.code === 'ECONNREFUSED') return 'nothing listens there'
  return cause?.code ?? cause?.message ?? thrown.message
}

export const systemHttpProbe: HttpProbe = {
  async obstacle(url, limit, signal) {
    try {
      const { status } = await ask(new URL(url), signal, limit)
      return status >= 200 && status < 400 ? null : `it answered ${status}`
    } catch (thrown) {
      signal.throwIfAborted()
      return whyNoAnswer(thrown, limit)
    }
  },
}
