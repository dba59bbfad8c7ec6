/*
 * node bench/search.ts [--messages 1000000]: search among a million messages through the hub's API, relative to FTS5
 * alone for the same words in the same file, and the effect on sending. See README.md.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import Database from 'better-sqlite3'
import type { LoadReport } from './load.ts'
import {
  chatOf,
  hanCharacters,
  idOf,
  userInAllChats,
  quietChats,
  quietUser,
  type SeedResult,
  seedMessages,
  setUpHub,
  tokenOf,
  words,
} from './search-seed.ts'
import { type BenchServer, startHub, startLoad } from './servers.ts'
import { median, percentile } from './stats.ts'

const { values } = parseArgs({ options: { messages: { type: 'string', default: '1000000' } } })
const messages = Number(values.messages)
const dir = mkdtempSync(join(tmpdir(), 'hubbub-search-'))
const file = join(dir, 'hub.db')
const load = startLoad()
const agent = new Agent({ keepAlive: true })
process.on('exit', () => {
  load.stop()
  rmSync(dir, { recursive: true, force: true })
})

const empty = await startHub(dir)
await setUpHub(empty)
await empty.stop()
logProgress(`writing ${messages} messages`)
const seeded = seedMessages(dir, messages)
logProgress('the hub builds its index')
const hub = await startHub(dir)
const indexBuild = await measureIndexBuild(hub)
logProgress('searching')
const db = new Database(file, { readonly: true })
db.pragma('mmap_size = 268435456')
const queryResults = [await measureQueries(hub, userInAllChats), await measureQueries(hub, quietUser)]
logProgress('sending, with and without searches')
const sendResults = await measureSendsDuringSearches(hub)
const { rssBytes: rss } = await hub.usage()
const sizes = databaseSizes(db)
db.close()
await hub.stop()
printReport(seeded)
process.exit(0)

interface QueryTimings {
  what: string
  bare: number[]
  hub: number[]
}

/** Queries as users type them, each with the equivalent for FTS5 alone. */
function createQueries(): { what: string; pairs: { q: string; bare: string | undefined }[] }[] {
  const inner = (word: string): string => word.slice(1, 5)
  const at = (from: number, count: number, by: number): string[] =>
    Array.from({ length: count }, (_, i) => words[from + i * by] ?? '')
  const longWords = words.filter((word, rank) => rank > 100 && rank < 10_000 && word.length >= 7)
  const plainQueries = (list: readonly string[]) => list.map((q) => ({ q, bare: `"${q}"` }))
  return [
    { what: 'a common word', pairs: plainQueries(at(0, 60, 1)) },
    { what: 'a typical word', pairs: plainQueries(at(200, 100, 29)) },
    { what: 'a rare word', pairs: plainQueries(at(15_000, 100, 97)) },
    {
      what: 'two words, common and typical',
      pairs: at(200, 100, 29).map((q, i) => ({
        q: `${words[i % 50] ?? ''} ${q}`,
        bare: `"${words[i % 50] ?? ''}" AND "${q}"`,
      })),
    },
    {
      what: 'two typical words',
      pairs: at(200, 100, 5).map((q, i) => ({
        q: `${q} ${words[300 + i * 3] ?? ''}`,
        bare: `"${q}" AND "${words[300 + i * 3] ?? ''}"`,
      })),
    },
    {
      what: 'two letters, as typed',
      pairs: longWords.slice(0, 60).map((word) => ({ q: word.slice(0, 2), bare: `"${word.slice(0, 2)}" *` })),
    },
    {
      what: 'a prefix of 4',
      pairs: longWords
        .slice(100, 200)
        .map((word) => ({ q: word.slice(0, 4), bare: `"${word.slice(0, 4)}" *` })),
    },
    {
      what: 'a "phrase"',
      pairs: seeded.phrases.slice(0, 100).map((pair) => ({ q: `"${pair}"`, bare: `"${pair}"` })),
    },
    {
      what: 'a part of 4 letters within a word',
      pairs: longWords.slice(200, 300).map((word) => ({ q: inner(word), bare: undefined })),
    },
    { what: 'one Chinese character', pairs: plainQueries(hanCharacters.slice(0, 60)) },
    {
      what: 'two Chinese characters',
      pairs: hanCharacters.slice(0, 60).map((c, i) => ({
        q: `${c}${hanCharacters[(i * 3) % 20] ?? ''}`,
        bare: `"${c}" + "${hanCharacters[(i * 3) % 20] ?? ''}"`,
      })),
    },
    {
      what: 'no match',
      pairs: Array.from({ length: 60 }, (_, i) => ({ q: `zzyzx${i}`, bare: `"zzyzx${i}"` })),
    },
  ]
}

async function measureQueries(server: BenchServer, user: number): Promise<QueryTimings[]> {
  const scope = user === quietUser ? `scope : (${quietChats.map((id) => `"c${id}"`).join(' OR ')}) AND ` : ''
  const bare = db
    .prepare<[string], number>('select rowid from search where search match ? order by rowid desc limit 20')
    .pluck()
  const rows: QueryTimings[] = []
  for (const { what, pairs } of createQueries()) {
    const row: QueryTimings = { what, bare: [], hub: [] }
    for (const { q, bare: expression } of pairs) {
      row.hub.push(await measureMs(() => runSearch(server, user, q)))
      if (expression !== undefined)
        row.bare.push(await measureMs(() => bare.all(`${scope}body : (${expression})`)))
    }
    rows.push(row)
  }
  return rows
}

async function measureMs(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

interface SearchResponse {
  hits: unknown[]
  building?: true
}

function runSearch(server: BenchServer, user: number, q: string): Promise<SearchResponse> {
  const url = `${server.url}/api/search?q=${encodeURIComponent(q)}`
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { authorization: `Bearer ${tokenOf(user)}` } }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const body = Buffer.concat(parts).toString()
        if (response.statusCode === 200) resolve(JSON.parse(body) as SearchResponse)
        else reject(new Error(`search ${q}: ${response.statusCode ?? 0} ${body}`))
      })
    }).on('error', reject)
  })
}

async function measureIndexBuild(
  server: BenchServer,
): Promise<{ seconds: number; cpu: number; ack: number }> {
  const before = await server.usage()
  const start = performance.now()
  let seconds = 0
  const sent = openLoop(server, 20, Math.max(2, Math.round(messages / 100_000)))
  while (seconds === 0) {
    await wait(100)
    if ((await runSearch(server, quietUser, 'a')).building !== true)
      seconds = (performance.now() - start) / 1000
  }
  const { cpuSeconds: cpu } = await server.usage()
  return { seconds, cpu: cpu - before.cpuSeconds, ack: (await sent).ack.p99 }
}

/** Sends messages into one busy chat of 49 members, of whom five are connected. */
async function openLoop(server: BenchServer, perSecond: number, seconds: number): Promise<LoadReport> {
  const members = [1, 2, 3, 4, 5].map((n) => ({ user: idOf(n), token: tokenOf(n), chat: chatOf(0) }))
  await load.request('open', { group: 'senders', port: server.port, ack: 'answer', members })
  const report = (await load.request('openLoop', {
    group: 'senders',
    senders: 5,
    perSecond,
    seconds,
  })) as LoadReport
  await load.request('close', { group: 'senders' })
  return report
}

async function measureSendsDuringSearches(server: BenchServer) {
  const rounds = { without: [] as LoadReport[], with: [] as LoadReport[] }
  let searches = 0
  const seconds = 4
  for (let round = 0; round < 3; round += 1) {
    rounds.without.push(await openLoop(server, 50, seconds))
    let on = true
    const all = createQueries().flatMap(({ pairs }) => pairs)
    const searching = [0, 1, 2, quietUser].map(async (user, i) => {
      for (let at = i; on; at += 4) {
        await runSearch(server, user, all[(at * 37) % all.length]?.q ?? 'a')
        searches += 1
      }
    })
    rounds.with.push(await openLoop(server, 50, seconds))
    on = false
    await Promise.all(searching)
  }
  return { ...rounds, perSecond: searches / (3 * seconds) }
}

function databaseSizes(raw: Database.Database) {
  const bytes = (where: string): number =>
    (raw.prepare(`select sum(pgsize) from dbstat where aggregate = true and ${where}`).pluck().get() as
      number | null) ?? 0
  return {
    index: bytes(`name like 'search%'`),
    message: bytes(`name = 'message'`),
    file: statSync(file).size,
  }
}

function printReport({ textBytes }: SeedResult): void {
  const ms = (all: number[], percent: number): string => {
    const value = percentile(all, percent)
    return Number.isNaN(value) ? '' : value.toFixed(value < 10 ? 2 : 0)
  }
  const table = (rows: QueryTimings[]): string[] => [
    '| | FTS5 alone p50 / p99 | Hubbub p50 / p99 | p50 ratio | p99 ratio |',
    '|---|---|---|---|---|',
    ...rows.map(({ what, bare, hub: took }) => {
      const ratio = (percent: number): string =>
        bare.length === 0 ? '' : (percentile(took, percent) / percentile(bare, percent)).toFixed(1)
      const alone = bare.length === 0 ? '' : `${ms(bare, 50)} / ${ms(bare, 99)} ms`
      return `| ${what} | ${alone} | ${ms(took, 50)} / ${ms(took, 99)} ms | ${ratio(50)} | ${ratio(99)} |`
    }),
  ]
  const p = (reports: LoadReport[], key: 'p50' | 'p99'): number => median(reports.map(({ ack }) => ack[key]))
  const line = (reports: LoadReport[]): string =>
    `p50 ${p(reports, 'p50').toFixed(2)} ms, p99 ${p(reports, 'p99').toFixed(1)} ms`
  const [all = [], two = []] = queryResults
  const today = new Date().toISOString().slice(0, 10)
  const lines = [
    `# Search among ${messages} messages, ${today}`,
    '',
    `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.versions.node}, ${process.platform}. Pages of 20, over HTTP, one after the other.`,
    '',
    '## User in all 40 chats',
    '',
    ...table(all),
    '',
    '## User in two quiet chats',
    '',
    ...table(two),
    '',
    '## Cost',
    '',
    `- Index of old messages: ${((indexBuild.seconds * 100_000) / messages).toFixed(1)} s and ${((indexBuild.cpu * 1e6) / messages).toFixed(0)} µs CPU a message, per 100,000; sends at 20/s at the same time are acknowledged within ${indexBuild.ack.toFixed(0)} ms (p99).`,
    `- Sends at 50/s: ${line(sendResults.without)}. With ${sendResults.perSecond.toFixed(0)} searches a second at the same time: ${line(sendResults.with)} (${(p(sendResults.with, 'p99') / p(sendResults.without, 'p99')).toFixed(2)} of the time without).`,
    `- Index: ${formatMb(sizes.index)} for ${formatMb(textBytes)} of text (${(sizes.index / textBytes).toFixed(2)}); table of messages ${formatMb(sizes.message)}; file ${formatMb(sizes.file)}.`,
    `- Memory of the hub with its search thread: ${formatMb(rss)}.`,
    '',
  ]
  const text = `${lines.join('\n')}\n`
  process.stdout.write(text)
  if (messages !== 1_000_000) return
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `search-${today}.md`), text)
}

function formatMb(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}

function logProgress(what: string): void {
  process.stderr.write(`bench: ${what}\n`)
}
