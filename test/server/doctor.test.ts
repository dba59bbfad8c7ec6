import { execFile } from 'node:child_process'
import Database from 'better-sqlite3'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { examine } from '../../server/ops/doctor.ts'
import type { Examination } from '../../server/ops/findings.ts'
import { hubProgram } from '../support/build-program.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import { uploadFile } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

async function usedHub() {
  const { hub, ann, kitchen } = await makeWorld()
  const bytes = randomBytes(2_000)
  const id = await uploadFile(hub.url, ann.token, { name: 'plan.bin', bytes })
  await ann.request('messages.send', {
    ...{ chatId: kitchen.id, cid: randomUUID(), text: 'the plan', attachments: [id] },
  })
  for (let i = 0; i < 30; i += 1) await ann.sendMessage(kitchen.id, `boat number ${i} sails`)
  expect((await ann.request('search.messages', { q: 'boat' })).hits.length).toBeGreaterThan(0)
  const digest = createHash('sha256').update(bytes).digest('hex')
  const file = join(hub.dataDir, 'files', digest.slice(0, 2), digest.slice(2, 4), digest)
  return { hub, ann, kitchen, file }
}

/** What needs attention, as `part: text`. The backup is left out: these hubs have none. */
function wrong({ findings }: Examination): string[] {
  return findings
    .filter(({ part, state }) => state !== 'good' && part !== 'backup' && part !== 'space')
    .map(({ part, state, text }) => `${state} ${part}: ${text}`)
}

/** The content of each file by its name, without what SQLite makes to read. */
function snapshot(dataDir: string): Record<string, string> {
  const found = readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
  return Object.fromEntries(
    found
      .filter((name) => statSync(join(dataDir, name)).isFile() && !/(-wal|-shm|\.lock)$/.test(name))
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(dataDir, name)))
          .digest('hex'),
      ]),
  )
}

const change = (dataDir: string, sql: string): void => {
  const raw = new Database(join(dataDir, 'hub.db'))
  raw.unsafeMode(true)
  raw.exec(sql)
  raw.close()
}

/** Fills the first page of a table with rubbish. */
function overwriteTable(dataDir: string, table: string): void {
  const file = join(dataDir, 'hub.db')
  const raw = new Database(file)
  const page = raw.prepare('select rootpage from sqlite_schema where name = ?').pluck().get(table) as number
  const bytes = raw.pragma('page_size', { simple: true }) as number
  raw.pragma('wal_checkpoint(truncate)')
  raw.close()
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.alloc(bytes, 0xee), 0, bytes, (page - 1) * bytes)
  closeSync(handle)
}

test('examines a hub while it runs and after it, finds it whole and changes nothing', async () => {
  const { hub, ann, kitchen } = await usedHub()
  const running = await examine(hub.dataDir, { repair: false })
  expect(running).toMatchObject({ isRunning: true, isRepaired: false })
  expect(wrong(running)).toEqual([])
  await ann.sendMessage(kitchen.id, 'the hub goes on')
  await expect(examine(hub.dataDir, { repair: true })).rejects.toThrow('stop it before you use --repair')
  await hub.close()
  const before = snapshot(hub.dataDir)
  const closed = await examine(hub.dataDir, { repair: false })
  expect(closed.isRunning).toBe(false)
  expect(wrong(closed)).toEqual([])
  expect(closed.findings.map(({ part }) => part)).toEqual([
    ...['identity', 'database', 'audit log', 'files', 'index', 'backup', 'space'],
  ])
  expect(closed.findings[1]?.text).toMatch(/all rows agree: \d+ messages/)
  expect(snapshot(hub.dataDir)).toEqual(before)
  // a repair of a whole hub does nothing
  expect((await examine(hub.dataDir, { repair: true })).isRepaired).toBe(false)
  expect(snapshot(hub.dataDir)).toEqual(before)
})

test('names rows that do not agree, a broken audit log, and files that are missing or changed', async () => {
  const { hub, file } = await usedHub()
  await hub.close()
  const whole = readFileSync(join(hub.dataDir, 'hub.db'))
  const reset = (): void => {
    for (const end of ['-wal', '-shm']) rmSync(join(hub.dataDir, `hub.db${end}`), { force: true })
    writeFileSync(join(hub.dataDir, 'hub.db'), whole)
  }
  const cases: [string, RegExp][] = [
    [`update chat set last_no = last_no + 1`, /^bad database: chat .* last_no is/],
    [
      `update message set reaction_count = 7 where n = 3`,
      /^bad database: message .* counts 7 reactions and has 0/,
    ],
    [`delete from entry where stream like 'chat:%' and seq = 2`, /^bad database: stream chat:/],
    [
      `drop trigger audit_is_append_only; update audit set action = 'other' where id = 2`,
      /bad audit log: Row 2 does not continue the chain/,
    ],
    [`drop table sent_draft`, /^bad database: the table "sent_draft" is missing/],
  ]
  for (const [sql, expected] of cases) {
    reset()
    change(hub.dataDir, sql)
    const found = wrong(await examine(hub.dataDir, { repair: true }))
    expect(found.join('\n'), sql).toMatch(expected)
  }
  reset()
  writeFileSync(file, 'something else')
  expect(wrong(await examine(hub.dataDir, { repair: true }))).toEqual([
    expect.stringMatching(
      /^bad files: The file [0-9a-f]{64} was changed or cut short: it is “plan\.bin” in message/,
    ),
  ])
  rmSync(file)
  expect(wrong(await examine(hub.dataDir, { repair: true }))).toEqual([
    expect.stringMatching(/^bad files: The file [0-9a-f]{64} is missing: it is “plan\.bin” in message/),
  ])
})

test(
  'tells damage of the index from damage of data, and repairs only the index',
  { timeout: 60_000 },
  async () => {
    const { hub } = await usedHub()
    await hub.close()
    const whole = readFileSync(join(hub.dataDir, 'hub.db'))
    const reset = (): void => {
      for (const end of ['-wal', '-shm']) rmSync(join(hub.dataDir, `hub.db${end}`), { force: true })
      writeFileSync(join(hub.dataDir, 'hub.db'), whole)
    }
    const damages: [string, () => void][] = [
      ['a page', () => overwriteTable(hub.dataDir, 'search_data')],
      ['the sizes', () => overwriteTable(hub.dataDir, 'search_docsize')],
      [
        'blocks',
        () => change(hub.dataDir, 'update search_data set block = zeroblob(length(block)) where id > 10'),
      ],
      ['a message', () => change(hub.dataDir, 'delete from search_docsize where id = 4')],
      [
        'a deleted message',
        () => change(hub.dataDir, `insert into search_docsize (id, sz) values (9999, x'0101')`),
      ],
      ['its state', () => change(hub.dataDir, 'delete from search_state')],
    ]
    for (const [name, damage] of damages) {
      reset()
      damage()
      const found = wrong(await examine(hub.dataDir, { repair: false }))
      expect(found, name).toEqual([expect.stringMatching(/^bad index: /)])
      const repaired = await examine(hub.dataDir, { repair: true })
      expect(repaired.isRepaired, name).toBe(true)
      expect(wrong(repaired), name).toEqual([])
    }
    const again = await startTestHub({ dataDir: hub.dataDir })
    await again.hub.jobs.run('search.build')
    await again.close()
    expect(wrong(await examine(hub.dataDir, { repair: false }))).toEqual([])
    const raw = new Database(join(hub.dataDir, 'hub.db'), { readonly: true })
    const counts = raw
      .prepare('select (select count(*) from message), (select count(*) from search_docsize)')
      .raw()
      .get()
    raw.close()
    expect((counts as number[])[0]).toBe((counts as number[])[1])

    // with damaged data the index stays as it is, and a backup is named
    reset()
    change(hub.dataDir, 'delete from search_state')
    overwriteTable(hub.dataDir, 'entry')
    const damaged = await examine(hub.dataDir, { repair: true })
    expect(damaged.isRepaired).toBe(false)
    expect(wrong(damaged).join('\n')).toMatch(/bad database: The table entry is damaged[^]*restore a backup/)
  },
)

test('names a missing or foreign part of the directory without a guess', async () => {
  const { hub } = await usedHub()
  await hub.close()
  const keep = (name: string): (() => void) => {
    const file = join(hub.dataDir, name)
    const bytes = readFileSync(file)
    return () => writeFileSync(file, bytes)
  }
  const cases: [string, (file: string) => void, RegExp][] = [
    ['identity/hub-key.pem', (file) => rmSync(file), /^bad identity: The hub's key .* is missing/],
    [
      'identity/hub-key.pem',
      (file) => writeFileSync(file, 'x'),
      /^bad identity: The hub's key .* is damaged/,
    ],
    ['identity/ca.pem', (file) => writeFileSync(file, 'x'), /^attention identity: The key is whole/],
    ['hub.db', (file) => rmSync(file), /^bad database: hub\.db is missing\. Keep this directory/],
    ['hub.db', (file) => writeFileSync(file, 'my shopping list. '.repeat(300)), /^bad d/],
    ['hub.db', (file) => writeFileSync(file, ''), /^bad database: hub\.db is empty/],
    [
      'hub.lock',
      (file) => writeFileSync(file, 'x'.repeat(5_000)),
      /^bad directory: .* is not a lock of Hubbub/,
    ],
  ]
  for (const [name, damage, expected] of cases) {
    const putBack = keep(name)
    damage(join(hub.dataDir, name))
    const found = wrong(await examine(hub.dataDir, { repair: true }))
    expect(found.join('\n'), name).toMatch(expected)
    putBack()
  }
  expect(wrong(await examine(hub.dataDir, { repair: false }))).toEqual([])
  await expect(examine(newDataDir(), { repair: false })).rejects.toThrow('There is no hub in')
})

test('the command prints its findings, and ends with 1 if one is bad', async () => {
  const { hub, file } = await usedHub()
  const doctor = () =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        [...hubProgram, 'doctor', '--data', hub.dataDir],
        (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
      )
    })
  const running = await doctor()
  expect(running.err).toBe('')
  expect(running.code).toBe(0)
  expect(running.out).toContain('a hub is running, so this only reads.')
  expect(running.out).toContain('  good       files: 1 stored files are there')
  await hub.close()
  rmSync(file)
  const after = await doctor()
  expect(after.code).toBe(1)
  expect(after.out).toContain('no hub is running. Nothing was changed.')
  expect(after.out).toMatch(/ {2}BAD {8}files: The file [0-9a-f]{64} is missing/)
  expect(after.out).toMatch(/\n1 to act on now, 1 to look at soon\.\n$/)
})
