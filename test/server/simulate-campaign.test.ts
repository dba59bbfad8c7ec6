import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runSimulateCampaign } from '../../campaign/simulate/campaign.ts'
import { putInFault, type SimulateFault, simulateFaults } from '../../campaign/simulate/faults.ts'
import { runHistory, shrinkHistory } from '../../campaign/simulate/shrink.ts'
import { type History, makeHistory, type StepKind } from '../../campaign/simulate/steps.ts'
import { makeTeam, type Team } from '../../campaign/simulate/team.ts'
import { newDataDir } from '../support/data-dir.ts'

/** A short run of `npm run campaign -- simulate` and proofs that it finds what it looks for. */

let dir: string
let team: Team

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hubbub-test-'))
  team = await makeTeam(dir)
})

afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('hub and pages agree after random histories, and each is the same again, frame by frame', async () => {
  const result = await runSimulateCampaign({ rounds: 3, minutes: 5, seed: 110, roundsPerReplay: 1 })
  expect(result).toMatchObject({ campaign: 'simulate', seed: 110, rounds: 3, problems: [] })
  expect(result.counts).toMatchObject({ 'run twice': 3 })
  expect(result.counts['acknowledged messages']).toBeGreaterThan(10)
})

/** Histories that found a fault of the program, as short as they became. */
const mended: Record<string, [act: StepKind, device: number, chat: number, at: number, seed: number][]> = {
  'a chat is read, and the page is reloaded before the hub knows it': [
    ['send', 2, 2, 102, 1518424016],
    ['wait', 1, 2, 4, 2012500162],
    ['read', 0, 2, 554, 1563133475],
    ['reload', 0, 2, 484, 1927612128],
  ],
  'the clock is set back while the network is silent': [
    ['silence', 0, 0, 538, 1718964403],
    ['deviceClock', 0, 2, 900, 811917825],
    ['send', 0, 0, 507, 1004123037],
  ],
  'a mention is read by an answer': [
    ['mention', 2, 1, 698, 1453530434],
    ['slow', 1, 3, 107, 1839367182],
    ['reply', 1, 1, 323, 1184655134],
    ['send', 0, 0, 46, 1630910540],
  ],
  'a group is left elsewhere while the list of groups is loaded': [
    ['cut', 1, 2, 735, 102441961],
    ['joinOrLeave', 0, 1, 244, 2050651012],
    ['lookUp', 1, 2, 242, 1169905250],
  ],
  'a draft is written, and the session ends before the hub has it': [
    ['draft', 0, 1, 36, 1274377429],
    ['changePassword', 1, 3, 104, 1483642109],
  ],
  'a draft is written in one of two tabs, and the session of both ends': [
    ['openTab', 437, 775, 18, 978274546],
    ['endSessions', 504, 564, 989, 1351824677],
    ['draft', 589, 790, 276, 1854061465],
  ],
  'the message of a thread is hidden while a response brings the thread': [
    ['reply', 247, 339, 373, 2066814113],
    ['wait', 151, 559, 952, 2087585108],
    ['sendInThread', 836, 440, 906, 715515711],
    ['hide', 300, 696, 450, 680066958],
  ],
  'an edit is stored in a tab that is closed before it is sent': [
    ['send', 551, 416, 541, 579432663],
    ['wait', 357, 59, 629, 818275483],
    ['openTab', 695, 575, 604, 109464585],
    ['editLater', 951, 831, 752, 1307385473],
    ['closeTab', 135, 411, 828, 627596353],
  ],
  'a draft is written in a tab that is closed before it is sent': [
    ['draft', 492, 156, 304, 1426740196],
    ['openTab', 236, 723, 852, 451215766],
    ['wait', 74, 603, 782, 2025601883],
    ['closeTab', 456, 529, 928, 1839745112],
  ],
  'a message is hidden, and a tab is opened before the cache is written': [
    ['send', 155, 943, 21, 461924230],
    ['send', 561, 823, 774, 23255063],
    ['wait', 711, 302, 454, 2034349080],
    ['mention', 848, 695, 179, 1740134610],
    ['hide', 532, 783, 252, 1711868291],
    ['wait', 588, 50, 206, 1047256380],
    ['hide', 186, 293, 753, 1453224717],
    ['openTab', 604, 855, 783, 45441080],
    ['react', 778, 829, 161, 1466241606],
  ],
  'two tabs send the file of one composer': [
    ['addFile', 308, 209, 996, 622460804],
    ['openTab', 704, 803, 754, 1919751962],
    ['reply', 180, 725, 642, 1629944042],
    ['send', 752, 813, 808, 258503797],
  ],
}

test.for(Object.keys(mended))('a history that has found a fault ends well: %s', async (name) => {
  const history = historyOf(...(mended[name] ?? []))
  expect((await runHistory(team, history, dir)).problems).toEqual([])
})

const found: Record<SimulateFault, [history: History, problem: RegExp]> = {
  'lost-commit': [
    historyOf(['send', 3, 0, 3, 11], ['wait', 0, 0, 2, 12], ['crash', 0, 0, 0, 13]),
    /message \S+ is "\(absent\)", expected ".* writes 1#"/,
  ],
  'forgotten-cid': [
    // the response is lost with its connection
    historyOf(['slow', 0, 0, 1, 20], ['send', 0, 0, 2, 21], ['wait', 0, 0, 2, 72], ['cut', 0, 0, 0, 23]),
    /“ann\.\S+ writes 1” is stored twice/,
  ],
  'unstored-mark': [
    historyOf(['send', 0, 0, 1, 31], ['wait', 0, 0, 4, 32], ['read', 2, 0, 1, 33]),
    /bo has read \S+ up to 1, the hub knows 0/,
  ],
  'forgotten-check': [historyOf(['pry', 0, 0, 0, 41]), /eve reads/],
  'unstored-edit': [
    historyOf(
      ['read', 2, 0, 0, 50],
      ['send', 2, 0, 0, 51],
      ['wait', 0, 0, 3, 52],
      ['editLater', 2, 0, 0, 53],
    ),
    /message \S+ is "bo.* writes 1#", expected "bo edited 2#"/,
  ],
  'missing-entry': [
    historyOf(['openTab', 2, 0, 0, 61], ['favourite', 2, 0, 0, 62]),
    /bo: tab \d: the settings is \{\}/,
  ],
  'unstored-file': [
    historyOf(['addFile', 0, 0, 2, 71], ['send', 0, 0, 0, 72], ['wait', 0, 0, 4, 73]),
    /message \S+ is "ann\.\S+ \S+ writes 2#", expected ".* writes 2#[0-9a-f]{64}"/,
  ],
  'incomplete-search': [
    historyOf(['send', 0, 0, 0, 81], ['wait', 0, 0, 4, 82]),
    /the search finds \[\] instead of \[\S+\]/,
  ],
}

test.for(simulateFaults)('finds the fault %s', async (fault) => {
  const [history, problem] = found[fault]
  const remove = putInFault(fault)
  try {
    const { problems } = await runHistory(team, history, dir, { losesCommits: fault === 'lost-commit' })
    expect(problems.join('\n')).toMatch(problem)
  } finally {
    remove()
  }
})

test('several processes run the same histories', async () => {
  const options = { rounds: 2, minutes: 5, seed: 210 }
  const { counts } = await runSimulateCampaign(options)
  expect(await runSimulateCampaign({ ...options, jobs: 2 })).toMatchObject({ counts, problems: [] })
})

test('shortens a history to the steps that it needs to fail', async () => {
  const history = makeHistory(8)
  const [first, last] = [history.steps[7], history.steps.at(-3)]
  const fails = ({ steps }: History): Promise<boolean> =>
    Promise.resolve(steps.some((step) => step === first) && steps.some((step) => step === last))
  expect((await shrinkHistory(history, fails, 200)).steps).toEqual([first, last])
})

test('runs a stored history, and goes on where it ended', async () => {
  const own = newDataDir()
  const file = join(own, 'history.json')
  writeFileSync(file, JSON.stringify(historyOf(['pry', 0, 0, 0, 41])))
  const options = { minutes: 5, seed: 1, dir: own }
  const stored = await runSimulateCampaign({ ...options, rounds: 1, only: file, fault: 'forgotten-check' })
  expect(stored.problems[0]).toContain('eve reads')
  await runSimulateCampaign({ ...options, rounds: 1 })
  expect(await runSimulateCampaign({ ...options, seed: 99, rounds: 0 })).toMatchObject({ seed: 1, rounds: 1 })
})

test('refuses a fault that it does not know', async () => {
  const options = { rounds: 1, minutes: 1, seed: 1, fault: 'bad-luck' }
  await expect(runSimulateCampaign(options)).rejects.toThrow('choose one of lost-commit, forgotten-cid')
})

function historyOf(...steps: [StepKind, number, number, number, number][]): History {
  return {
    ...{ seed: 1, isLossy: false, isLimited: false },
    steps: steps.map(([step, device, chat, at, seed]) => ({ do: step, device, chat, at, seed })),
  }
}
