import { createAccess, type Access } from '../access/access.js'
import type { UserNews } from '../access/accounts.js'
import { systemClock } from '../system/clock.js'
import { systemFiles } from '../system/files.js'
import { systemNames } from '../system/names.js'
import type { Subscribers } from '../transport/subscribers.js'
import type { LiveConfiguration } from './live-configuration.js'
import type { Notices } from './notices.js'
import type { Part } from './part.js'

/** Milliseconds. compat: the answer comes before the news of it. */
const newsDelay = 5

/** Who may enter. */
export const createAccessPart = (
  live: LiveConfiguration,
  notices: Notices,
  subscribers: Subscribers,
): { readonly access: Access; readonly part: Part } => {
  const ended = new AbortController()
  const tell = (news: UserNews, username: string): void => {
    systemClock.wait(newsDelay, ended.signal).then(
      () => subscribers.tellUser(news, { username }),
      () => undefined,
    )
  }
  const { server, moonkeeper } = live.atStart
  const access = createAccess({
    source: () => live.current,
    folder: moonkeeper.data,
    port: server.port,
    host: server.host,
    files: systemFiles,
    clock: systemClock,
    names: systemNames,
    tell,
  })
  const part = {
    start: async () => {
      const problem = await access.open()
      notices.set('access', ...(problem === null ? [] : [problem]))
    },
    stop: async () => ended.abort(),
  }
  return { access, part }
}
