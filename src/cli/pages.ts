import type { RpcClient } from './rpc-client.js'

/** More the server does not give at once. */
const pageSize = 100

export interface PageQuestion {
  readonly method: string
  readonly params: object
  /** What the list is called in the answer. */
  readonly list: string
  readonly count: number
  readonly offset: number
}

/**
 * A list that is answered page by page, as one answer.
 * @throws Refusal, CliFailure
 */
export const readPages = async <T extends { readonly total: number }>(
  client: RpcClient,
  { method, params, list, count, offset }: PageQuestion,
): Promise<T> => {
  const items: unknown[] = []
  for (;;) {
    const limit = Math.min(pageSize, count - items.length)
    const page = (await client.call(method, { ...params, limit, offset: offset + items.length })) as T
    const found = (page as Readonly<Record<string, unknown>>)[list]
    const here: readonly unknown[] = Array.isArray(found) ? found : []
    items.push(...here)
    if (here.length < limit || items.length >= count) return { ...page, [list]: items }
  }
}
