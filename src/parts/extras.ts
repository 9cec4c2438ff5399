import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { Agents } from '../agents/agents.js'
import { Announcements } from '../announcements/announcements.js'
import {
  createFolderSource,
  createWebSource,
  noSource,
  type FeedSource,
} from '../announcements/feed-source.js'
import type { Configuration } from '../config/index.js'
import type { NotificationMap } from '../contract/generated/types.js'
import type { Database } from '../database/database.js'
import type { RemoteMethods } from '../klippy/remote-methods.js'
import type { AppContext } from '../methods/context.js'
import { systemClock } from '../system/clock.js'
import { systemFiles } from '../system/files.js'
import { systemHttp } from '../system/http.js'
import type { Log } from '../system/log.js'
import type { Subscribers } from '../transport/subscribers.js'
import { wireWebcam } from '../methods/parameters/webcam.js'
import { Webcams } from '../webcams/webcams.js'
import type { Part } from './part.js'

type AgentEventData = NonNullable<NotificationMap['notify_agent_event']['data']>

export interface ExtraSources {
  readonly configuration: () => Configuration
  readonly database: Database
  readonly subscribers: Subscribers
  readonly remoteMethods: RemoteMethods
  readonly dataPath: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
}

/** Milliseconds until a request to an agent is given up. */
const patience = 120_000

/** Where the feeds are published: pages of GitHub's, or of what stands for it in tests. */
const feedsUrl = ({ GITHUB_API_URL: stand }: ExtraSources['env']): string =>
  stand !== undefined && URL.canParse(stand)
    ? `${new URL(stand).origin}/pages/moonlight`
    : 'https://arksine.github.io/moonlight'

/** compat: what is configured counts from the next look on. */
const feedSource = ({ configuration, dataPath, env, log }: ExtraSources): FeedSource => {
  const web = createWebSource(feedsUrl(env), systemHttp, log)
  const folder = createFolderSource(path.join(dataPath, 'development/announcements'), systemFiles)
  return {
    read: (...asked) => {
      const { dev_mode: local, enable_moonlight: enabled } = configuration().announcements
      if (local) return folder.read(...asked)
      return (enabled ? web : noSource).read(...asked)
    },
  }
}

const createAnnouncements = (sources: ExtraSources): Announcements => {
  const { configuration, database, subscribers, log } = sources
  return new Announcements({
    database,
    source: feedSource(sources),
    configured: () => configuration().announcements.subscriptions,
    clock: systemClock,
    log,
    updated: (entries) => subscribers.broadcast('notify_announcement_update', { entries: [...entries] }),
    dismissed: (id) => subscribers.broadcast('notify_announcement_dismissed', { entry_id: id }),
    woken: (id) => subscribers.broadcast('notify_announcement_wake', { entry_id: id }),
  })
}

const createWebcams = ({ configuration, database, subscribers }: ExtraSources): Webcams =>
  new Webcams({
    database,
    configured: () =>
      configuration().webcams.map(({ stream_url: url, ...webcam }) => ({ ...webcam, stream_url: url ?? '' })),
    http: systemHttp,
    newId: randomUUID,
    changed: (webcams) =>
      subscribers.broadcast('notify_webcams_changed', { webcams: webcams.map(wireWebcam) }),
  })

const createAgents = ({ subscribers, remoteMethods }: ExtraSources): Agents =>
  new Agents({
    tell: (agent, { data, ...event }) => {
      const told = data === undefined ? event : { ...event, data: data as AgentEventData }
      subscribers.broadcastBeside(agent, 'notify_agent_event', told)
    },
    offer: (name, method) => remoteMethods.register(name, method),
    patience,
  })

/** What front ends have besides updates: cameras, news, and programs that extend the server. */
export const createExtras = (
  sources: ExtraSources,
): Pick<AppContext, 'agents' | 'announcements' | 'webcams'> & { readonly part: Part } => {
  const announcements = createAnnouncements(sources)
  const agents = createAgents(sources)
  const end = sources.subscribers.onLeave((connection) => agents.leave(connection))
  const part = {
    start: async () => announcements.start(),
    stop: async () => {
      end()
      await announcements.stop()
    },
  }
  return { agents, announcements, webcams: createWebcams(sources), part }
}
