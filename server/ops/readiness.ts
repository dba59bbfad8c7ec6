import type { HubContext } from '../context.ts'

/** Times of the processes of a hub are compared with each other: an edit counts its minutes, an invite its days. */
const maxClockDifferenceMs = 2_000

/** Returns why requests should go elsewhere for now; undefined if the hub takes them. */
export async function reasonNotReady(hub: HubContext): Promise<string | undefined> {
  if (hub.jobs.isClosed || hub.draining.isOn) return 'the hub is closing'
  if (hub.standing.moved()) return 'another computer is the hub now'
  if (hub.cluster && !hub.cluster.hasBusOpened) return 'the bus was never reached'
  try {
    const row = await hub.store.read((db) => db.selectFrom('hub').select('id').executeTakeFirst())
    if (!row) return 'the database is not set up'
    return await clockProblem(hub)
  } catch {
    return 'the database cannot be read'
  }
}

/** Returns what those who use the hub miss although it takes requests. */
export function limitationOf({ files }: HubContext): string | undefined {
  const { works, lastFailure } = files.place.store?.state ?? {}
  return works === false
    ? `files cannot be read or sent: their bucket fails (${lastFailure?.code ?? ''})`
    : undefined
}

async function clockProblem({ store, time }: HubContext): Promise<string | undefined> {
  if (!store.readTime) return undefined
  const before = time.wall()
  const there = await store.readTime()
  // the response took some time: the clocks agree if that explains the difference
  const isBehind = time.wall() < there - maxClockDifferenceMs
  const isAhead = before > there + maxClockDifferenceMs
  return isBehind || isAhead ? 'the clocks of this computer and of the database differ' : undefined
}
