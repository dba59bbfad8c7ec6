/*
 * The load, a process of its own: whoever measures must not be measured. `run.ts` tells it what to do.
 */
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
  /** Sends that left later than they should have: then the load is the bottleneck. */
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

/** What `run.ts` may ask for. A room stays under its name until it is closed. */
export interface LoadRequests {
  open: { room: string; port: number; ack: AckMode; members: GroupMember[] }
  closedLoop: { room: string; senders: number; inFlight: number }
  sample: { room: string }
  stop: { room: string }
  openLoop: { room: string; senders: number; perSecond: number; seconds: number }
  pages: { room: string; chat: string; limit: number; all: boolean; times: number }
  storm: { room: string; missed: number }
  pause: { room: string; user: string; paused: boolean }
  close: { room: string }
}

const clientGroups = new Map<string, ClientGroup>()

const handlers: { [N in keyof LoadRequests]: (input: LoadRequests[N]) => Promise<unknown> } = {
  async open({ room: name, port, ack, members }) {
    const room = new ClientGroup(port, ack, members)
    clientGroups.set(name, room)
    await room.connect()
    room.reset()
  },

  async closedLoop({ room: name, senders, inFlight }) {
    const room = requireGroup(name)
    room.reset()
    room.measuresLatency = false
    room.onAck = (client) => room.queueMessage(client)
    for (const client of room.clients.slice(0, senders)) {
      for (let i = 0; i < inFlight; i++) room.queueMessage(client)
      client.flush()
    }
  },

  sample: async ({ room }) => {
    const { sent, acked, deliveries } = requireGroup(room).tally
    const { user, system } = process.cpuUsage()
    return {
      sent,
      acked,
      deliveries,
      at: performance.now(),
      cpuSeconds: (user + system) / 1e6,
    } satisfies LoadSample
  },

  async stop({ room: name }) {
    const room = requireGroup(name)
    room.onAck = undefined
    await room.waitUntilDelivered()
    return createReport(room, 0)
  },

  async openLoop({ room: name, senders, perSecond, seconds }) {
    const room = requireGroup(name)
    room.reset()
    room.onAck = undefined
    room.measuresLatency = true
    const lateMs = await sendAtFixedRate(room, room.clients.slice(0, senders), perSecond, seconds)
    await room.waitUntilDelivered()
    return createReport(room, lateMs)
  },

  async pages({ room: name, chat, limit, all, times }) {
    const room = requireGroup(name)
    const [client] = room.clients
    if (!client) throw new Error('nobody is there to read')
    const took: number[] = []
    let count = 0
    for (let i = 0; i < times; i++) {
      let before: number | undefined
      do {
        const start = performance.now()
        const input: { chatId: string; limit: number; before?: number } = { chatId: chat, limit }
        if (before !== undefined) input.before = before
        const { messages = [] } = await room.request(client, 'messages.list', input)
        took.push(performance.now() - start)
        for (const [k, { no }] of messages.entries()) {
          if (before !== undefined && no !== before - messages.length + k)
            throw new Error('LOSS: a page has a gap')
        }
        count += messages.length
        before = messages[0]?.no
      } while (all && before !== undefined && before > 1)
      if (all && before !== 1) throw new Error('LOSS: the first message was not reached')
    }
    return { messages: count, ...latencyPercentiles(took) }
  },

  /** All but the first drop; what was said meanwhile is there when they are back. Answers how long that takes. */
  async storm({ room: name, missed }) {
    const room = requireGroup(name)
    room.reset()
    room.onAck = undefined
    room.measuresLatency = false
    const [speaker, ...leaving] = room.clients
    if (!speaker) throw new Error('nobody is there to speak')
    const cursors = new Map(leaving.map((client) => [client.user, client.cursor]))
    const members = room.members.filter(({ user }) => cursors.has(user))
    await room.disconnect(leaving)
    for (let i = 0; i < missed; i++) room.queueMessage(speaker)
    speaker.flush()
    await room.waitFor(() => room.tally.acked === missed, 'the messages that they miss')
    const start = performance.now()
    await room.connect(members, ({ user }) => cursors.get(user) ?? 0)
    const ms = performance.now() - start
    if (room.tally.pulled < missed * members.length)
      throw new Error('LOSS: somebody came back without what they missed')
    room.queueMessage(speaker)
    speaker.flush()
    await room.waitUntilDelivered()
    return { ms }
  },

  async pause({ room, user, paused }) {
    const client = requireGroup(room).clients.find((one) => one.user === user)
    if (paused) client?.pause()
    else client?.resume()
  },

  async close({ room }) {
    await requireGroup(room).close()
    clientGroups.delete(room)
  },
}

function requireGroup(name: string): ClientGroup {
  const room = clientGroups.get(name)
  if (!room) throw new Error(`no room ${name}`)
  return room
}

/** Sends at fixed times whatever comes back; a latency counts from when the message was due. */
async function sendAtFixedRate(
  room: ClientGroup,
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
      room.queueMessage(sender, due)
      sender.flush()
    }
    const next = start + (i * 1000) / perSecond - performance.now()
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next)))
  }
  return late
}

function createReport(room: ClientGroup, lateMs: number): LoadReport {
  const { sent, deliveries, pulled, ackMs, deliverMs } = room.tally
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

// A broken promise of a server ends the run, from wherever it was noticed.
process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`)
  process.exit(1)
})

process.on('message', (call: { id: number; name: keyof LoadRequests; input: never }) => {
  void handlers[call.name](call.input).then((value) => process.send?.({ id: call.id, value }))
})
process.on('disconnect', () => process.exit(0))
