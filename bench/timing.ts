// Does the time of a response reveal if a name exists? `node bench/timing.ts [samples]`: 2,000 of each kind by default.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pino } from 'pino'
import { startHub } from '../server/start.ts'

/*
 * Not a test: a slow machine is not a mistake. For each kind of attempt it prints the median and the spread, and how
 * well time alone tells the kinds apart: the probability that the second of one attempt each is the slower. 50 % is a
 * coin toss. An attacker needs far from 50 % to learn anything from fewer attempts than the limits allow.
 */

interface AttemptKind {
  name: string
  path: string
  body: (i: number) => Record<string, unknown>
}

const password = 'a very long password'
const sampleCount = Number(process.argv[2] ?? 2000)

/** The real cost of a hash is the same in every kind and only hides differences, so it is kept small. */
const logN = 8

const dataDir = mkdtempSync(path.join(tmpdir(), 'hubbub-timing-'))
const hub = await startHub({
  dataDir,
  host: '127.0.0.1',
  port: 0,
  allowPlainHttp: false,
  // without rate limits, which would end this after ten attempts
  loadTest: true,
  logN,
  setupCode: 'timing-code',
  log: pino({ level: 'silent' }),
})

async function measurePost(address: string, body: Record<string, unknown>): Promise<number> {
  const from = performance.now()
  const response = await fetch(hub.url + address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hubbub-client': 'token' },
    body: JSON.stringify(body),
  })
  await response.arrayBuffer()
  return performance.now() - from
}

/** Measures the kinds in turns, so that other work of the machine affects all of them alike. */
async function measure(kinds: AttemptKind[]): Promise<number[][]> {
  const times: number[][] = kinds.map(() => [])
  for (let i = -50; i < sampleCount; i += 1) {
    // a different one first each time, since each leaves the caches to the next
    const order = kinds.map((_, at) => (at + Math.abs(i)) % kinds.length)
    for (const at of order) {
      const { path: address, body } = kinds[at] as AttemptKind
      const ms = await measurePost(address, body(i))
      if (i >= 0) times[at]?.push(ms)
    }
  }
  return times
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
}

/** Returns the probability that the second of one of each is slower. */
function probabilitySlower(a: readonly number[], b: readonly number[]): number {
  const sorted = [...a].sort((x, y) => x - y)
  let below = 0
  for (const value of b) {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sorted[middle] ?? 0) < value) low = middle + 1
      else high = middle
    }
    below += low
  }
  return below / (a.length * b.length)
}

function report(title: string, kinds: AttemptKind[], times: number[][]): void {
  process.stdout.write(`\n${title} (${sampleCount} of each)\n`)
  for (const [at, { name }] of kinds.entries()) {
    const sorted = [...(times[at] ?? [])].sort((x, y) => x - y)
    const [low, middle, high] = [0.05, 0.5, 0.95].map((part) => quantile(sorted, part).toFixed(3))
    const chance =
      at === 0
        ? ''
        : `, slower than the first: ${(100 * probabilitySlower(times[0] ?? [], times[at] ?? [])).toFixed(1)} %`
    process.stdout.write(`  ${name.padEnd(34)} median ${middle} ms (5 % ${low}, 95 % ${high})${chance}\n`)
  }
}

try {
  await measurePost('/api/setup', {
    code: 'timing-code',
    hubName: 'Timing',
    registration: 'open',
    username: 'olga',
    password,
  })
  await measurePost('/api/register', {
    username: 'known',
    password,
    securityQuestion: 'What was the name of the first street?',
    securityAnswer: 'long lane',
  })
  const login = '/api/login'
  const wrong = 'a wrong password'
  const logins: AttemptKind[] = [
    { name: 'known name, wrong password', path: login, body: () => ({ username: 'known', password: wrong }) },
    { name: 'unknown name', path: login, body: () => ({ username: 'nobody', password: wrong }) },
    {
      name: 'another unknown name each time',
      path: login,
      body: (i) => ({ username: `n${i}`, password: wrong }),
    },
  ]
  report('Logging in', logins, await measure(logins))
  const question = '/api/recovery/question'
  const questions: AttemptKind[] = [
    { name: 'known name', path: question, body: () => ({ username: 'known' }) },
    { name: 'unknown name', path: question, body: () => ({ username: 'nobody' }) },
  ]
  report('Requesting the question', questions, await measure(questions))
  const answer = '/api/recovery/answer'
  const answers: AttemptKind[] = [
    {
      name: 'known name, wrong answer',
      path: answer,
      body: () => ({ username: 'known', answer: 'short lane' }),
    },
    { name: 'unknown name', path: answer, body: () => ({ username: 'nobody', answer: 'short lane' }) },
  ]
  report('Answering the question', answers, await measure(answers))
} finally {
  await hub.close()
  rmSync(dataDir, { recursive: true, force: true })
}
