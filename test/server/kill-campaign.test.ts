import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { runKillCampaign } from '../../campaign/kill/campaign.ts'
import { absent, compareWithDisk, messageValue } from '../../campaign/kill/disk.ts'
import { type KillFault, putInFault } from '../../campaign/kill/faults.ts'
import { Registers } from '../../campaign/kill/registers.ts'
import { describeResult } from '../../campaign/result.ts'
import { newDataDir } from '../support/data-dir.ts'
import { uploadFile } from '../support/tus.ts'
import { makeWorld } from '../support/world.ts'

/*
 * A short run of `npm run campaign -- kill` and proofs that it finds what it looks for. kill -9 cannot show a missing sync,
 * but it shows every other way to lose or double an acknowledged change.
 */

test(
  'loses, doubles and reorders no acknowledged change in three kills under mixed writers',
  { timeout: 120_000 },
  async () => {
    const dir = newDataDir()
    const first = await runKillCampaign({ rounds: 1, minutes: 5, seed: 3, dir })
    expect(first.problems).toEqual([])
    // it goes on where it ended
    const second = await runKillCampaign({ rounds: 2, minutes: 5, seed: 99, dir })
    expect(second).toMatchObject({ campaign: 'kill', seed: 3, rounds: 3, problems: [] })
    expect(second.counts['acknowledged']).toBeGreaterThan(90)
    for (const kind of ['messages', 'edits', 'deletions', 'reactions']) {
      expect(second.counts[kind], kind).toBeGreaterThan(0)
    }
    expect(describeResult(second)).toMatch(
      /^kill: 3 rounds from seed 3 in \d+ s, \d+ acknowledged, .*: nothing wrong$/,
    )
  },
)

test('does not go on after a round that was cut off', async () => {
  const dir = newDataDir()
  writeFileSync(join(dir, 'unfinished'), '')
  await expect(runKillCampaign({ rounds: 1, minutes: 5, seed: 3, dir })).rejects.toThrow('was cut off')
})

test('finds a hub that acknowledges before its commit', { timeout: 120_000 }, async () => {
  const { problems, fault } = await runKillCampaign({ rounds: 8, minutes: 5, seed: 1, fault: 'early-ack' })
  expect(fault).toBe('early-ack')
  expect(problems[0]).toMatch(/ is ".*", expected "/)
})

test('finds a row that is lost or doubled, an entry that is lost and a file that is lost', async () => {
  const { hub, ann, kitchen } = await makeWorld()
  const registers = new Registers()
  const send = async (text: string, attachments: string[] = []): Promise<void> => {
    const cid = randomUUID()
    await ann.request('messages.send', { chatId: kitchen.id, cid, text, attachments })
    if (attachments.length > 0) return
    registers.begin(`message ${cid}`, messageValue(text), absent)
    registers.acknowledge(`message ${cid}`, messageValue(text))
  }
  await send('', [await uploadFile(hub.url, ann.token, { name: 'a', bytes: randomBytes(500) })])
  for (let i = 0; i < 3; i += 1) await send(`boat ${i}`)
  await hub.close()
  expect(compareWithDisk(hub.dataDir, registers, { all: true })).toEqual([])
  const faults: [KillFault, RegExp][] = [
    ['lost-row', /message \S+ is "\(absent\)", expected "boat 2#"/],
    ['doubled-row', /its \d+ messages end at \d+/],
    ['lost-entry', /stream chat:\S+: head is \d+/],
    ['lost-file', /the file \S+ is missing/],
  ]
  for (const [fault, expected] of faults) {
    const copy = join(newDataDir(), 'copy')
    cpSync(hub.dataDir, copy, { recursive: true })
    putInFault(copy, fault)
    expect(compareWithDisk(copy, registers, { all: true }).join('\n'), fault).toMatch(expected)
  }
})

test('a register takes only what was acknowledged, or what had no answer', () => {
  const registers = new Registers()
  registers.begin('a', 'one', absent)
  expect(registers.settle('a', absent)).toBeUndefined()
  registers.begin('a', 'one', absent)
  registers.acknowledge('a', 'one')
  registers.begin('a', 'two', absent)
  expect(registers.settle('a', 'two')).toBeUndefined()
  // the disk has shown it: the earlier value must not come back
  expect(registers.settle('a', 'one')).toBe('a is "one", expected "two"')
  expect(registers.touched).toEqual([])
})

test('a register that one computer holds may be as before, until two have it', () => {
  const registers = new Registers()
  registers.begin('a', 'one', absent)
  registers.acknowledge('a', 'one', 7)
  expect(registers.mayHaveLost('a', absent)).toBe(true)
  registers.begin('a', 'two', absent)
  registers.acknowledge('a', 'two', 9)
  expect(registers.mayHaveLost('a', 'one')).toBe(true)
  registers.safe(8)
  expect(registers.mayHaveLost('a', absent)).toBe(true)
  registers.safe(9)
  expect(registers.mayHaveLost('a', 'one')).toBe(false)
  expect(registers.settle('a', 'one')).toBe('a is "one", expected "two"')
})

test('refuses a fault that it does not know, with those it knows', async () => {
  await expect(runKillCampaign({ rounds: 1, minutes: 1, seed: 1, fault: 'bad-luck' })).rejects.toThrow(
    'choose one of early-ack, lost-row, doubled-row, lost-entry, lost-file',
  )
})
