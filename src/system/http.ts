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

const ask = async (url: URL, signal: AbortSignal | undefined): Promise<Response> => {
  const limit = AbortSignal.timeout(timeLimit)
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
