/* The load runs in its own process, so that it does not distort the measurement. `run.ts` tells it what to do. */
import type { Client } from './client.ts'
import { ClientGroup, type AckMode, type GroupMember } from './client-group.ts'
import { percentile } from './stats.ts'

export interface LatencyMs {
  p50: number
  p99: number
}

export interface LoadReport {
  sent: number
  deliveries: number
  pulled: number
  ack: LatencyMs
  deliver: LatencyMs
  /** How late the messages left: if much, the load is the bottleneck. */
  lateMs: number
}

export interface LoadSample {
  sent: number
  acked: number
  deliveries: number
  at: number
  /** Seconds of CPU the load itself has used: is it the bottleneck? */
  cpuSeconds: number
}

/** The requests `run.ts` may send. A group keeps its name until it is closed. */
export interface LoadRequests {
  open: { group: string; port: number; ack: AckMode; members: GroupMember[] }
  closedLoop: { group: string; senders: number; inFlight: number }
  sample: { group: string }
  stop: { group: string }
  openLoop: { group: string; senders: number; perSecond: number; seconds: number }
  pages: { group: string; chat: string; limit: number; all: boolean; times: number }
  storm: { group: string; missed: number }
  pause: { group: string; user: string; paused: boolean }
  close: { group: string }
}

const clientGroups = new Map<string, ClientGroup>()

const handlers: { [N in keyof LoadRequests]: (input: LoadRequests[N]) => Promise<unknown> } = {
  async open({ group: name, port, ack, members }) {
    const group = new ClientGroup(port, ack, members)
    clientGroups.set(name, group)
    await group.connect()
    group.reset()
  },

  async closedLoop({ group: name, senders, inFlight }) {
    const group = requireGroup(name)
    group.reset()
    group.measuresLatency = false
    group.onAck = (client) => group.queueMessage(client)
    for (const client of group.clients.slice(0, senders)) {
      for (let i = 0; i < inFlight; i++) group.queueMessage(client)
      client.flush()
    }
  },

  sample: async ({ group }) => {
    const { sent, acked, deliveries } = requireGroup(group).tally
    const { user, system } = process.cpuUsage()
    return {
      sent,
      acked,
      deliveries,
      at: performance.now(),
      cpuSeconds: (user + system) / 1e6,
    } satisfies LoadSample
  },

  async stop({ group: name }) {
    const group = requireGroup(name)
    group.onAck = undefined
    await group.waitUntilDelivered()
    return createReport(group, 0)
  },

  async openLoop({ group: name, senders, perSecond, seconds }) {
    const group = requireGroup(name)
    group.reset()
    group.onAck = undefined
    group.measuresLatency = true
    const lateMs = await sendAtFixedRate(group, group.clients.slice(0, senders), perSecond, seconds)
    await group.waitUntilDelivered()
    return createReport(group, lateMs)
  },

  async pages({ group: name, chat, limit, all, times }) {
    const group = requireGroup(name)
    const [client] = group.clients
    if (!client) throw new Error('the group has no client to read with')
    const latenciesMs: number[] = []
    let count = 0
    for (let i = 0; i < times; i++) {
      let before: number | undefined
      do {
        const start = performance.now()
        const input: { chatId: string; limit: number; before?: number } = { chatId: chat, limit }
        if (before !== undefined) input.before = before
        const { messages = [] } = await group.request(client, 'messages.list', input)
        latenciesMs.push(performance.now() - start)
        for (const [k, { no }] of messages.entries()) {
          if (before !== undefined && no !== before - messages.length + k)
            throw new Error('LOSS: a page has a gap')
        }
        count += messages.length
        before = messages[0]?.no
      } while (all && before !== undefined && before > 1)
      if (all && before !== 1) throw new Error('LOSS: the first message was not reached')
    }
    return { messages: count, ...latencyPercentiles(latenciesMs) }
  },

  /**
   * Drops all but the first client, sends, and reconnects them with everything they missed. Returns how long that
   * takes.
   */
  async storm({ group: name, missed }) {
    const group = requireGroup(name)
    group.reset()
    group.onAck = undefined
    group.measuresLatency = false
    const [sender, ...leaving] = group.clients
    if (!sender) throw new Error('the group has no client to send with')
    const cursors = new Map(leaving.map((client) => [client.user, client.cursor]))
    const members = group.members.filter(({ user }) => cursors.has(user))
    await group.disconnect(leaving)
    for (let i = 0; i < missed; i++) group.queueMessage(sender)
    sender.flush()
    await group.waitFor(() => group.tally.acked === missed, 'the messages that they miss')
    const start = performance.now()
    await group.connect(members, ({ user }) => cursors.get(user) ?? 0)
    const ms = performance.now() - start
    if (group.tally.pulled < missed * members.length)
      throw new Error('LOSS: a client reconnected without the messages it missed')
    group.queueMessage(sender)
    sender.flush()
    await group.waitUntilDelivered()
    return { ms }
  },

  async pause({ group, user, paused }) {
    const client = requireGroup(group).clients.find((candidate) => candidate.user === user)
    if (paused) client?.pause()
    else client?.resume()
  },

  async close({ group }) {
    await requireGroup(group).close()
    clientGroups.delete(group)
  },
}

function requireGroup(name: string): ClientGroup {
  const group = clientGroups.get(name)
  if (!group) throw new Error(`no group ${name}`)
  return group
}

/** Sends at fixed times, independent of the responses. A latency counts from the time the message was due. */
async function sendAtFixedRate(
  group: ClientGroup,
  senders: Client[],
  perSecond: number,
  seconds: number,
): Promise<number> {
  const start = performance.now()
  const count = perSecond * seconds
  let late = 0
  for (let i = 0; i < count;) {
    const now = performance.now()
    for (; i < count && start + (i * 1000) / perSecond <= now; i++) {
      const due = start + (i * 1000) / perSecond
      late = Math.max(late, now - due)
      const sender = senders[i % senders.length] as Client
      group.queueMessage(sender, due)
      sender.flush()
    }
    const next = start + (i * 1000) / perSecond - performance.now()
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next)))
  }
  return late
}

function createReport(group: ClientGroup, lateMs: number): LoadReport {
  const { sent, deliveries, pulled, ackMs, deliverMs } = group.tally
  return {
    sent,
    deliveries,
    pulled,
    ack: latencyPercentiles(ackMs),
    deliver: latencyPercentiles(deliverMs),
    lateMs,
  }
}

function latencyPercentiles(values: number[]): LatencyMs {
  return { p50: percentile(values, 50), p99: percentile(values, 99) }
}

// A broken guarantee of a server ends the run, wherever it is noticed.
process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`)
  process.exit(1)
})

process.on('message', (call: { id: number; name: keyof LoadRequests; input: never }) => {
  void handlers[call.name](call.input).then((value) => process.send?.({ id: call.id, value }))
})
process.on('disconnect', () => process.exit(0))
