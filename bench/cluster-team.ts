/* The hubs that bench/cluster.ts compares: one with its file, and clusters of one and of several processes. */
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { TestUser } from '../test/support/test-user.ts'
import type { GroupMember } from './client-group.ts'
import { type BenchServer, startHub } from './servers.ts'

export interface Team {
  processes: BenchServer[]
  users: TestUser[]
  /** The members of a group or of direct chats, spread over the processes in turn. */
  group: (size: number) => Promise<GroupMember[]>
  pairs: (count: number) => Promise<GroupMember[]>
  /** The same users with this many sockets each. */
  many: (sockets: number) => Promise<GroupMember[]>
  /** CPU of all its processes, in seconds. */
  cpuSeconds: () => Promise<number>
  rssBytes: () => Promise<number>
  stop: () => Promise<void>
}

/** A hub with its file, or a cluster of `count` processes in a database of its own, or one process that is no cluster. */
export async function startTeam(
  dir: string,
  {
    count,
    userCount,
    postgresUrl,
    bus,
    isCluster = true,
  }: { count: number; userCount: number; postgresUrl?: string; bus?: string; isCluster?: boolean },
): Promise<Team> {
  const processes: BenchServer[] = []
  if (postgresUrl === undefined) processes.push(await startHub(dir))
  else {
    const database = await createDatabase(postgresUrl, `team_${count}_${randomInt(1e9)}`)
    const args = isCluster ? ['--cluster', '--identity', `${dir}-identity`, '--drain', '0'] : []
    const env = { HUBBUB_DATABASE: database, ...(bus === undefined ? {} : { HUBBUB_BUS: bus }) }
    for (let i = 0; i < count; i += 1) processes.push(await startHub(join(dir, `${i}`), { args, env }))
  }
  const [first] = processes as [BenchServer]
  const owner = await TestUser.setUp(first.url, {
    ...{ code: 'bench-code', username: 'owner', registration: 'open' },
  })
  const users: TestUser[] = []
  for (let i = 0; i < userCount; i += 1)
    users.push(await TestUser.register(first.url, { username: `user-${i}` }))
  const at = (user: TestUser, chat: string, index: number): GroupMember => ({
    ...{ user: user.id, token: user.token, chat },
    port: processes[index % processes.length]?.port ?? 0,
  })
  const usage = () => Promise.all(processes.map((one) => one.usage()))
  return {
    processes,
    users,
    group: async (size) => {
      const members = users.slice(0, size)
      const { id } = await owner.createGroup('Bench', members)
      return members.map((user, i) => at(user, id, i))
    },
    pairs: async (pairCount) => {
      const first: GroupMember[] = []
      const second: GroupMember[] = []
      for (let i = 0; i < pairCount; i += 1) {
        const [one, other] = users.slice(2 * i, 2 * i + 2) as [TestUser, TestUser]
        const chat = await one.openDirectChat(other)
        first.push(at(one, chat.id, i))
        second.push(at(other, chat.id, i + 1))
      }
      return [...first, ...second]
    },
    many: async (sockets) => {
      const { id } = await owner.createGroup('Many', users)
      return Array.from({ length: sockets }, (_, i) => at(users[i % users.length] as TestUser, id, i))
    },
    cpuSeconds: async () => (await usage()).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    rssBytes: async () => (await usage()).reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    stop: async () => {
      for (const one of processes) await one.stop()
    },
  }
}

async function createDatabase(url: string, name: string): Promise<string> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`create database ${name} template template0 encoding 'UTF8'`)
  await client.end()
  return url.replace(/\/[^/]*$/, `/${name}`)
}
