import type { Connection, Identity } from '../contract/connection.js'
import { encode } from '../contract/encoded.js'
import { MoonkeeperError, PassedOnError } from '../contract/error.js'
import type { Json } from '../contract/json.js'

/** What agents have to do with others. */
export interface AgentSurroundings {
  /** Tells every other connection. */
  readonly tell: (agent: Connection, event: AgentEvent) => void
  /** Lets Klipper call a method by its name. @returns ends that @throws refused, when the name is taken */
  readonly offer: (name: string, method: (params: object) => void) => () => void
  /** Milliseconds until a request to an agent is given up. */
  readonly patience: number
}

export interface AgentEvent {
  readonly agent: string
  readonly event: string
  readonly data?: Json | Identity
}

interface Pending {
  readonly settle: (answer: Readonly<Record<string, unknown>>) => void
  readonly fail: (thrown: MoonkeeperError) => void
}

interface Agent {
  readonly identity: Identity
  readonly connection: Connection
  readonly pending: Map<number, Pending>
  /** Methods that Klipper may call. */
  readonly offers: (() => void)[]
}

/** Requests to one agent that wait for their answer. */
const mostPending = 100

const ownEvents = ['connected', 'disconnected']

const isEmpty = (params: Json | object | null): boolean =>
  params === null || typeof params !== 'object' || Object.keys(params).length === 0

/** Programs that extend the server: each is a lasting connection that said so when it identified itself. */
export class Agents {
  private readonly agents = new Map<string, Agent>()
  private lastId = 0

  constructor(private readonly outside: AgentSurroundings) {}

  list(): readonly Identity[] {
    return [...this.agents.values()].map(({ identity }) => identity)
  }

  /** @throws refused, when one of that name is connected */
  join(connection: Connection, identity: Identity): void {
    const { name } = identity
    // compat: the quote is theirs.
    if (this.agents.has(name))
      throw new MoonkeeperError('refused', `Agent '${name}' already registered and connected'`)
    this.agents.set(name, { identity, connection, pending: new Map(), offers: [] })
    this.outside.tell(connection, { agent: name, event: 'connected', data: identity })
  }

  /** A connection is gone; most are no agents. */
  leave(connection: Connection): void {
    const agent = this.of(connection)
    if (agent === null) return
    this.agents.delete(agent.identity.name)
    for (const end of agent.offers) end()
    for (const { fail } of agent.pending.values())
      fail(new MoonkeeperError('agent_gone', 'Client Socket Disconnected'))
    this.outside.tell(connection, { agent: agent.identity.name, event: 'disconnected' })
  }

  /** @throws refused, when it is no agent */
  refuseOthers(connection: Connection, what: string): void {
    if (this.of(connection) !== null) return
    throw new MoonkeeperError('refused', `Only connections of the 'agent' type can ${what}`)
  }

  /** @throws refused */
  sendEvent(connection: Connection, event: string, data: Json | undefined): void {
    const agent = this.required(connection, 'send events')
    if (ownEvents.includes(event)) throw new MoonkeeperError('refused', `Event '${event}' is reserved`)
    const { name } = agent.identity
    const told = data === undefined || data === null ? {} : { data }
    this.outside.tell(connection, { agent: name, event, ...told })
  }

  /** Klipper's macros may call it, as long as the agent is there. @throws refused */
  offerToKlipper(connection: Connection, method: string): void {
    const agent = this.required(connection, 'register methods')
    const call = (params: object): void => this.send(agent, method, params)
    agent.offers.push(this.outside.offer(method, call))
  }

  /**
   * Asks an agent, and waits for its answer.
   * @throws refused, agent_failed with what it said, agent_gone
   */
  async request(name: string, method: string, params: Json | null): Promise<unknown> {
    const agent = this.agents.get(name)
    if (agent === undefined) throw new MoonkeeperError('refused', `Agent ${name} not connected`)
    if (agent.pending.size >= mostPending)
      throw new MoonkeeperError(
        'agent_failed',
        `Agent ${name} has ${mostPending} requests to answer: try again later`,
      )
    this.lastId += 1
    const id = this.lastId
    const answer = this.answerTo(agent, id)
    this.send(agent, method, params, id)
    const { result, error } = await answer
    // compat: nothing is an error, too.
    if (result !== undefined && result !== null) return result
    throw new PassedOnError('agent_failed', `Agent ${name} RPC error`, error ?? null)
  }

  /** A frame that answers something. What nobody asked for is nothing. */
  receive(connection: Connection, answer: Readonly<Record<string, unknown>>): void {
    const { id } = answer
    if (typeof id === 'number') this.of(connection)?.pending.get(id)?.settle(answer)
  }

  private answerTo(agent: Agent, id: number): Promise<Readonly<Record<string, unknown>>> {
    return new Promise((resolve, reject) => {
      const { name } = agent.identity
      const { patience } = this.outside
      const done = (): void => {
        clearTimeout(late)
        agent.pending.delete(id)
      }
      const fail = (thrown: MoonkeeperError): void => {
        done()
        reject(thrown)
      }
      const silent = `Agent ${name} did not answer within ${patience / 1000} s`
      const late = setTimeout(() => fail(new MoonkeeperError('agent_failed', silent)), patience)
      const settle: Pending['settle'] = (answer) => {
        done()
        resolve(answer)
      }
      agent.pending.set(id, { settle, fail })
    })
  }

  private send({ connection }: Agent, method: string, params: Json | object | null, id?: number): void {
    const request = { jsonrpc: '2.0', method, ...(isEmpty(params) ? {} : { params }), ...(id && { id }) }
    connection.send(encode(JSON.stringify(request)))
  }

  private of(connection: Connection): Agent | null {
    const { identity } = connection
    const agent = identity === null ? undefined : this.agents.get(identity.name)
    return agent?.connection === connection ? agent : null
  }

  private required(connection: Connection, what: string): Agent {
    this.refuseOthers(connection, what)
    return this.of(connection) as Agent
  }
}
