import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createClient } from '@redis/client'
import { expect, test } from 'vitest'
import { type BusKind, type BusServer, missingServer, startBusServer } from '../support/bus-servers.ts'
import { type ClusterWorld, makeClusterWorld } from '../support/cluster.ts'
import { newDataDir } from '../support/data-dir.ts'
import type { TestHub } from '../support/hub.ts'
import type { LiveClient } from '../support/live-client.ts'
import { issueForeignCertificate } from '../support/tls.ts'
import { waitFor } from '../support/wait-for.ts'

/* The turns of a cluster over Redis and NATS: see cluster.test.ts for those over the database. */

interface BusOptions {
  bus: string
  /** The certificate of its CA. */
  ca: string
}

const until = (isSo: () => boolean): Promise<void> =>
  waitFor(() => {
    if (!isSo()) throw new Error('not yet')
  })

const kinds: readonly BusKind[] = ['redis', 'nats']

for (const kind of kinds) {
  const missing = missingServer(kind)
  test.skipIf(missing)(
    `over ${kind} with TLS everything arrives; while it is away nothing fails, and then nobody lacks anything${missing ? ` (${missing})` : ''}`,
    async () => {
      const certificate = issueForeignCertificate(['localhost'])
      const ca = path.join(newDataDir(), 'ca.pem')
      writeFileSync(ca, certificate.root)
      const server = await startBusServer(kind, certificate.files)
      const bus = `${server.url}?ca=${encodeURIComponent(ca)}`
      const world = await makeClusterWorld({ bus })
      await carriesEverything(world)
      await goesOnWithoutBus(world, server)
      if (kind === 'redis') await noticesLoss(world, server, { bus, ca: certificate.root })
    },
  )
}

async function carriesEverything({ one, other, ann, bo, eve, kitchen }: ClusterWorld): Promise<void> {
  const boLive = await bo.atUrl(other.url).connect()
  const annLive = await ann.connect()
  await annLive.next((message) => message.t === 'presence' && message.user === bo.id)
  await Promise.all(
    [ann, bo.atUrl(other.url)].flatMap((user) =>
      [1, 2, 3, 4].map((i) => user.sendMessage(kitchen.id, `${i}`)),
    ),
  )
  await ann.request('members.add', { chatId: kitchen.id, userId: eve.id })
  const last = await ann.sendMessage(kitchen.id, 'last')
  for (const live of [annLive, boLive]) {
    await until(() => seqsOf(live, kitchen.id).includes(last.seq))
    const seqs = seqsOf(live, kitchen.id)
    expect(seqs).toEqual(seqs.map((_, at) => last.seq - seqs.length + 1 + at))
  }
  annLive.send({ t: 'typing', chat: kitchen.id })
  await boLive.next((message) => message.t === 'typing')
  expect([one, other].map(({ hub }) => hub.cluster?.peerCount)).toEqual([1, 1])
}

async function goesOnWithoutBus(world: ClusterWorld, server: BusServer): Promise<void> {
  const { one, other, ann, bo, kitchen } = world
  const hubs = [one, other]
  const boLive = await bo.atUrl(other.url).connect()
  const from = boLive.received.length
  await server.stop()
  await until(() => hubs.every((hub) => !isOpen(hub)))
  const away = await ann.sendMessage(kitchen.id, 'while it is away')
  await boLive.next(
    (message) => message.t === 'behind' && (message.heads[`chat:${kitchen.id}`] ?? 0) >= away.seq,
    from,
  )
  // the other process was not heard, which does not say that its users have left
  expect((await ann.request('users.get', { userId: bo.id })).presence).toBe('active')
  await server.start()
  await until(() => hubs.every(isOpen))
  const back = await ann.sendMessage(kitchen.id, 'when it is back')
  await boLive.next(
    (message) =>
      (message.t === 'entry' && message.seq >= back.seq) ||
      (message.t === 'behind' && (message.heads[`chat:${kitchen.id}`] ?? 0) >= back.seq),
    from,
  )
  expect(hubs.map(({ hub }) => hub.cluster?.reconnects)).toEqual([1, 1])
  expect(await one.findProblems()).toEqual([])
}

const isOpen = ({ hub }: TestHub): boolean => hub.cluster?.isBusOpen === true

/** Turns that Redis lost, or that it holds back; a start without it, and one with a wrong password. */
async function noticesLoss(
  { one, other }: ClusterWorld,
  server: BusServer,
  options: BusOptions,
): Promise<void> {
  await until(() => other.hub.cluster?.peerCount === 1 && one.hub.cluster?.peerCount === 1)
  const resyncs = other.hub.cluster?.resyncs ?? 0

  // a process whose first turns did not arrive
  const client = await createClient({ url: server.url, socket: { tls: true, ca: options.ca } }).connect()
  const [channel] = await client.pubSubChannels('hubbub:*')
  await client.publish(channel ?? '', 'a-third-process 7 first last []')
  await until(() => (other.hub.cluster?.resyncs ?? 0) > resyncs)
  // and what is no turn changes nothing
  for (const text of ['a-third-process 8 first last {', 'nonsense', ''])
    await client.publish(channel ?? '', text)
  client.destroy()

  // a server that neither answers nor closes
  server.freeze(true)
  await until(() => !isOpen(other))
  server.freeze(false)
  await until(() => isOpen(other))

  // a start waits for no bus, and nobody is sent there until it was reached
  await server.stop()
  const lone = await one.restart({ bus: options.bus, ops: { port: 0, host: '127.0.0.1' } })
  const ready = async (): Promise<[number, string]> => {
    const response = await fetch(`${lone.opsUrl}/readyz`)
    return [response.status, await response.text()]
  }
  expect(await ready()).toEqual([503, 'the bus was never reached\n'])
  await server.start()
  await waitFor(async () => expect(await ready()).toEqual([200, 'ready\n']))

  const wrong = options.bus.replace(/:[^:@]+@/, ':wrong@')
  await expect(lone.restart({ bus: wrong })).rejects.toThrow('refuses this user and password')
}

function seqsOf(live: LiveClient, chatId: string): number[] {
  return live.entries.filter(({ stream }) => stream === `chat:${chatId}`).map(({ seq }) => seq)
}
