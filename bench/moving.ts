/*
 * node bench/moving.ts [--messages 1000000]: moves a hub from its file to PostgreSQL and back, by the commands that
 * docs/scaling.md shows. It measures each way, compares all tables at the end with those at the start, asks both hubs 500
 * random queries, and changes single bytes of the archive. It needs the built program: npm run build.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import Database from 'better-sqlite3'
import { startPostgres } from '../test/support/postgres-server.ts'
import {
  chatOf,
  hanCharacters,
  idOf,
  seedMessages,
  setUpHub,
  tokenOf,
  userInAllChats,
  words,
} from './search-seed.ts'
import { type BenchServer, startHub } from './servers.ts'

const { values } = parseArgs({ options: { messages: { type: 'string', default: '1000000' } } })
const messages = Number(values.messages)
const queryCount = 500
const alteredBytes = 10
const program = join(import.meta.dirname, '..', 'dist', 'hub', 'server', 'cli.js')

const dir = mkdtempSync(join(tmpdir(), 'hubbub-moving-'))
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
const say = (text: string): void => void process.stderr.write(`bench: ${text}\n`)

const postgres = await startPostgres({ max_wal_size: '4GB', shared_buffers: '512MB' }, tmpdir())
const [onLaptop, inCluster, again] = [join(dir, 'laptop'), join(dir, 'cluster'), join(dir, 'again')]
const [first, second] = [join(dir, 'first.hubbub'), join(dir, 'second.hubbub')]
try {
  const empty = await startHub(onLaptop)
  await setUpHub(empty)
  await empty.stop()
  say(`writing ${messages} messages`)
  const { phrases } = seedMessages(onLaptop, messages)
  const queries = makeQueries(phrases)
  say('searching with the file')
  const expected = await searchAll(await startHub(onLaptop), queries)

  say('moving')
  const seconds = {
    'backup of the file': await run(['backup', '--data', onLaptop, '--to', first]),
    'restore to PostgreSQL': await run(['restore', '--from', first, '--data', inCluster], postgres.url),
    'backup of PostgreSQL': await run(['backup', '--data', inCluster, '--to', second], postgres.url),
    'restore to a file': await run(['restore', '--from', second, '--data', again]),
  }
  const differing = compareTables(join(onLaptop, 'hub.db'), join(again, 'hub.db'))

  say('searching with PostgreSQL')
  const found = await searchAll(
    await startHub(inCluster, { env: { HUBBUB_DATABASE: postgres.url } }),
    queries,
  )
  const otherHits = queries.filter((q, i) => expected[i]?.join() !== found[i]?.join())

  say('changing bytes')
  const taken: number[] = []
  for (let n = 0; n < alteredBytes; n += 1) {
    const position = Math.floor((statSync(first).size * (n + 0.5)) / alteredBytes)
    if (!(await refusesByte(position, n))) taken.push(position)
  }
  report(seconds, differing, queries.length, otherHits, expected, taken)
  process.exitCode = differing.length + otherHits.length + taken.length === 0 ? 0 : 1
} finally {
  await postgres.stop()
}
// see startPostgres
process.exit(process.exitCode)

/** Returns the seconds that a command took. @throws if it fails */
async function run(args: readonly string[], database = ''): Promise<number> {
  const start = performance.now()
  const env = { ...process.env, ...(database === '' ? {} : { HUBBUB_DATABASE: database }) }
  await promisify(execFile)(process.execPath, [program, ...args], { env })
  return (performance.now() - start) / 1_000
}

/** As users type them: words, parts, phrases, filters, and what nobody wrote. The same in each run. */
function makeQueries(phrases: readonly string[]): string[] {
  const kinds: ((pick: <T>(list: readonly T[]) => T) => string)[] = [
    (pick) => pick(words.slice(0, 200)),
    (pick) => pick(words),
    (pick) => `${pick(words.slice(0, 200))} ${pick(words.slice(0, 2_000))}`,
    (pick) => pick(words.filter((word) => word.length > 5)).slice(0, 3),
    (pick) => pick(words.filter((word) => word.length > 6)).slice(1, 5),
    (pick) => `"${pick(phrases)}"`,
    (pick) => pick(hanCharacters.slice(0, 300)),
    (pick) => `${pick(hanCharacters.slice(0, 40))}${pick(hanCharacters.slice(0, 40))}`,
    (pick) => `from:${idOf(pick([1, 2, 3, 20, 40]))} ${pick(words.slice(0, 500))}`,
    (pick) => `in:${chatOf(pick([0, 1, 5, 30]))} ${pick(words.slice(0, 500))}`,
    (pick) => `${pick(words.slice(0, 500))} -${pick(words.slice(0, 100))}`,
    (pick) => `${pick(words)}zzyx`,
  ]
  return Array.from({ length: queryCount }, (_, n) => {
    let drawn = 0
    const kind = kinds[n % kinds.length]
    return (
      kind?.((list) => {
        const digest = createHash('sha256')
          .update(`${n} ${(drawn += 1)}`)
          .digest()
        return list[digest.readUInt32LE() % list.length] as (typeof list)[number]
      }) ?? ''
    )
  })
}

/** Returns the ids of the hits of each query, in their order, and stops the hub. */
async function searchAll(hub: BenchServer, queries: readonly string[]): Promise<string[][]> {
  const search = async (q: string): Promise<{ hits: { message: { id: string } }[]; building?: true }> => {
    const response = await fetch(`${hub.url}/api/search?q=${encodeURIComponent(q)}`, {
      headers: { authorization: `Bearer ${tokenOf(userInAllChats)}` },
    })
    if (!response.ok) throw new Error(`${q}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Awaited<ReturnType<typeof search>>
  }
  while ((await search('a')).building) await sleep(500)
  const all: string[][] = []
  for (const q of queries) all.push((await search(q)).hits.map(({ message }) => message.id))
  await hub.stop()
  return all
}

/** Returns the tables whose rows differ, but for the epoch and what a hub writes when it starts. */
function compareTables(left: string, right: string): string[] {
  const [a, b] = [digestTables(left), digestTables(right)]
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name))
}

function digestTables(file: string): Map<string, string> {
  const raw = new Database(file, { readonly: true })
  const names = raw
    .prepare(
      `select name from sqlite_schema where type = 'table' and name not like 'search%' and name not like 'sqlite_%'`,
    )
    .pluck()
    .all() as string[]
  const digests = new Map<string, string>()
  for (const name of names) {
    const columns = (raw.pragma(`table_info("${name}")`) as { name: string }[])
      .map((column) => column.name)
      .filter((column) => column !== 'epoch')
      .map((column) => `"${column}"`)
    const hash = createHash('sha256')
    for (const row of raw
      .prepare(`select ${columns.join(', ')} from "${name}" order by ${columns.join(', ')}`)
      .raw()
      .iterate())
      hash.update(JSON.stringify(row))
    digests.set(name, hash.digest('hex'))
  }
  raw.close()
  return digests
}

/** Changes one byte of the archive for the time of a restore. */
async function refusesByte(position: number, n: number): Promise<boolean> {
  const file = openSync(first, 'r+')
  const old = Buffer.alloc(1)
  readSync(file, old, 0, 1, position)
  try {
    writeSync(file, Buffer.from([(old[0] ?? 0) ^ 0x20]), 0, 1, position)
    await run(['restore', '--from', first, '--data', join(dir, `altered-${n}`)])
    return false
  } catch {
    return true
  } finally {
    writeSync(file, old, 0, 1, position)
    closeSync(file)
    rmSync(join(dir, `altered-${n}`), { recursive: true, force: true })
  }
}

function report(
  seconds: Record<string, number>,
  differing: readonly string[],
  asked: number,
  otherHits: readonly string[],
  hits: readonly string[][],
  taken: readonly number[],
): void {
  const megabytes = statSync(first).size / 1e6
  const lines = [
    `${messages} messages, an archive of ${megabytes.toFixed(0)} MB`,
    ...Object.entries(seconds).map(([what, took]) => `${what}: ${took.toFixed(0)} s (both of a way: 600)`),
    `tables that differ: ${differing.join(', ') || 'none'}`,
    `queries: ${asked}, ${hits.filter((each) => each.length > 0).length} with hits; other hits with PostgreSQL: ${otherHits.join(' | ') || 'none'}`,
    `changed bytes: ${alteredBytes}, taken: ${taken.join(', ') || 'none'}`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
