import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pino } from 'pino'
import type { RequestSpec } from '../../shared/contract/define.ts'
import { requests, type RequestName } from '../../shared/contract.ts'
import { handlers } from '../../server/handlers.ts'
import { listOwedPreviews } from '../../server/previews/queries.ts'
import { startHub } from '../../server/start.ts'
import { Random } from '../../test/simulation/random.ts'
import {
  actors,
  askOverHttp,
  askOverSocket,
  createFixture,
  expectedOverSocket,
  isWrite,
  type MatrixFixture,
  type MatrixHub,
  type MatrixRow,
  rows,
  sessionFor,
  withFreshChats,
} from '../../test/support/access-matrix.ts'
import { startPostgres } from '../../test/support/postgres-server.ts'
import { TestUser } from '../../test/support/test-user.ts'
import { type CampaignOptions, type CampaignResult, parseFault, UsageError } from '../result.ts'

/*
 * Every request of the contract by every kind of actor, through every transport, with both databases: the table of
 * test/support/access-matrix.ts in another order each round. A round is a new hub and one of its transports: four rounds with the file,
 * then four with PostgreSQL.
 */

const transports = [
  'a session over HTTP',
  'a session over a socket',
  'a token over HTTP',
  'a token over a socket',
] as const
type Transport = (typeof transports)[number]

/** `forgotten-check`: the access check of messages.list accepts everyone. */
export const matrixFaults = ['forgotten-check'] as const

type Actor = (typeof actors)[number]

export async function runMatrixCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { only = '', seed } = options
  const fault = parseFault(options, matrixFaults)
  const chosen = rows.filter(({ name }) => name.startsWith(only))
  if (chosen.length === 0) throw new UsageError(`No request begins with ${only}.`)
  const beganAt = performance.now()
  const endsAt = beganAt + options.minutes * 60_000
  const counts = { requests: 0, allowed: 0, refused: 0 }
  const problems: string[] = []
  const putBack = fault && forgetCheck()
  const servers: Awaited<ReturnType<typeof startPostgres>>[] = []
  let rounds = 0
  try {
    while (rounds < options.rounds && performance.now() < endsAt && problems.length === 0) {
      const at = rounds % (2 * transports.length)
      const isOnServer = at >= transports.length
      const transport = transports[at % transports.length] ?? transports[0]
      if (isOnServer) servers.push(await startServer())
      const random = new Random(seed + rounds)
      const found = await runRound(chosen, transport, random, servers.at(-1)?.url, counts)
      problems.push(...found.map((one) => `seed ${seed + rounds}${isOnServer ? ', PostgreSQL' : ''}: ${one}`))
      await servers.pop()?.stop()
      rounds += 1
      options.onRound?.(`round ${rounds}, ${transport}: ${counts.requests} requests`)
    }
  } finally {
    putBack?.()
    for (const server of servers) await server.stop()
  }
  return {
    ...{ campaign: 'matrix', seed, rounds, counts, problems },
    seconds: Math.round((performance.now() - beganAt) / 1_000),
    ...(fault !== undefined && { fault }),
  }
}

/** A hub of this process may have kept its files to itself, and the server runs as another user. */
async function startServer(): ReturnType<typeof startPostgres> {
  const before = process.umask(0o022)
  try {
    return await startPostgres()
  } finally {
    process.umask(before)
  }
}

async function runRound(
  chosen: typeof rows,
  transport: Transport,
  random: Random,
  database: string | undefined,
  counts: { requests: number; allowed: number; refused: number },
): Promise<string[]> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'hubbub-matrix-'))
  const hub = await startMatrixHub(dataDir, database)
  const problems: string[] = []
  try {
    const fixture = await createFixture(hub)
    const tokens = new Map<Actor, TestUser>()
    for (const [who, user] of Object.entries(fixture.users)) {
      const { token } = await user.request('tokens.create', { name: 'Script', scope: 'write' })
      tokens.set(who as Actor, new TestUser(hub.url, token, user.user))
    }
    let cell: MatrixFixture | undefined
    for (const { name, about, row } of shuffle(chosen, random)) {
      for (const who of shuffle(actors, random)) {
        // without a session there is no token and no socket
        if (who === 'anyone' && transport !== transports[0]) continue
        cell ??= await withFreshChats(fixture)
        const me = who === 'anyone' ? undefined : await sessionFor(fixture, who, name)
        const input = await row.input(cell, me ?? fixture.stranger)
        const caller = transport.startsWith('a token') ? tokens.get(who) : me
        const actual =
          caller && transport.endsWith('socket')
            ? await askOverSocket(caller, name, input)
            : await askOverHttp(hub.url, caller?.token, name, input)
        counts.requests += 1
        counts[actual === 'ok' ? 'allowed' : 'refused'] += 1
        const expected = expectedResult(name, row, actors.indexOf(who), transport)
        if (actual !== expected)
          problems.push(`${name} ${about} by ${who}, ${transport}: ${actual}, expected ${expected}`)
        if (row.leavesState || (actual === 'ok' && isWrite(name))) cell = undefined
      }
    }
    if (hub.hub.measurements.failures > 0) problems.push(`${hub.hub.measurements.failures} faults of the hub`)
  } finally {
    await hub.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return problems
}

/** What tokens may not do is refused before anything else, for everyone who has one. */
function expectedResult(
  name: string,
  row: MatrixRow,
  actor: number,
  transport: Transport,
): string | undefined {
  const spec = requests[name as RequestName] as RequestSpec
  if (transport.startsWith('a token') && spec.tokens === 'never') return 'forbidden'
  return transport.endsWith('socket') ? expectedOverSocket(name, row, actor) : row.expected.split(' ')[actor]
}

async function startMatrixHub(
  dataDir: string,
  database: string | undefined,
): Promise<MatrixHub & { close: () => Promise<void> }> {
  const running = await startHub({
    ...{ dataDir, database, host: '127.0.0.1', port: 0, allowPlainHttp: false, loadTest: true, logN: 4 },
    ...{ checkOutput: true, setupCode: 'test-code-1', log: pino({ level: 'silent' }) },
  })
  const { url, hub } = running
  let owner: TestUser | undefined
  const setUp = async (username: string): Promise<TestUser> =>
    (owner = await TestUser.setUp(url, { code: 'test-code-1', username }))
  return {
    ...{ url, hub, dataDir, setUp },
    close: () => running.close(),
    registerUser: async (username) => {
      const { invite } = await (owner ?? (await setUp('hub.owner'))).request('admin.invites.create', {})
      return TestUser.register(url, { username, invite })
    },
    whenPreviewed: async () => {
      while ((await hub.store.read((db) => listOwedPreviews(db, {}))).length > 0) await wait(20)
    },
  }
}

function shuffle<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, place: random.below(1_000_000) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item)
}

/** Changes a handler of this process, from outside. Returns what puts the real one back. */
function forgetCheck(): () => void {
  const table = handlers as unknown as Record<string, { access: unknown }>
  const name = 'messages.list'
  const real = table[name]
  if (!real) throw new Error(`there is no handler ${name}`)
  table[name] = { ...real, access: () => Promise.resolve({}) }
  return () => {
    table[name] = real
  }
}
