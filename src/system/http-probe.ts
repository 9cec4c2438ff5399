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

/** Without following redirects, and without reading what comes. */
const ask = async (url: URL, signal: AbortSignal, limit: number): Promise<Response> => {
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { 'user-agent': 'moonkeeper' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(limit)]),
  })
  await response.body?.cancel()
  return response
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
