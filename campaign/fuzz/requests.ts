import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pino } from 'pino'
import { openReader } from '../../server/db/sqlite/connection.ts'
import { checkInvariants, checkStructure } from '../../server/db/verify.ts'
import { startHub, type RunningHub } from '../../server/start.ts'
import { requests } from '../../shared/contract.ts'
import type { RequestSpec } from '../../shared/contract/define.ts'
import { Random } from '../../test/simulation/random.ts'
import type { LiveClient } from '../../test/support/live-client.ts'
import { rawRequest, TestUser } from '../../test/support/test-user.ts'
import { UsageError } from '../result.ts'
import { Inputs } from './inputs.ts'

/*
 * Sends made-up inputs to every request of the contract, over HTTP and over sockets, as an owner and as members. A round is a new
 * hub with some hundred inputs. After it: no request ended with a fault of the hub, every result had the form of the contract
 * (`checkOutput`), nobody read the private chat of a user who takes no part, the hub still responds, and all invariants hold.
 */

const inputsPerRound = 300
const secret = 'the-keepers-secret-words'

/** They end sessions, hash passwords for seconds, or take the other users away, so a round would end early. */
const leftOut =
  /^(hub\.setup|accounts\.|recovery\.|sessions\.|me\.(password|recovery|createRecoveryKey)|admin\.(users|ownership|backups|settings\.update|groups\.delete|clock)|appPackages\.)/

export interface RequestCounts {
  inputs: number
  taken: number
  refused: number
}

/** @param only the requests whose names begin with that */
export async function runRequestRound(seed: number, counts: RequestCounts, only = ''): Promise<string[]> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'hubbub-fuzz-'))
  const hub = await startHub({
    ...{ dataDir, host: '127.0.0.1', port: 0, allowPlainHttp: false, loadTest: true, checkOutput: true },
    ...{ setupCode: 'test-code-1', backups: 'none', log: pino({ level: 'silent' }) },
  })
  let isOpen = true
  try {
    const problems = await sendInputs(hub, new Random(seed), counts, only)
    await hub.close()
    isOpen = false
    const { raw } = openReader(path.join(dataDir, 'hub.db'))
    problems.push(...checkStructure(raw), ...checkInvariants(raw))
    raw.close()
    return problems
  } finally {
    if (isOpen) await hub.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function sendInputs(
  hub: RunningHub,
  random: Random,
  counts: RequestCounts,
  only: string,
): Promise<string[]> {
  const { users, inputs } = await populate(hub.url, random)
  const lives: LiveClient[] = []
  for (const user of users) lives.push(await user.connect())
  const specs = Object.values(requests as unknown as Record<string, RequestSpec>).filter(
    ({ name, body }) => !leftOut.test(name) && body === undefined && name.startsWith(only),
  )
  if (specs.length === 0) throw new UsageError(`No request that is sent begins with ${only}.`)
  const problems: string[] = []
  for (let sent = 0; sent < inputsPerRound && problems.length === 0; sent += 1) {
    const spec = specs[random.below(specs.length)] as RequestSpec
    const at = random.below(users.length)
    const [user, live] = [users[at] as TestUser, lives[at] as LiveClient]
    const input = inputs.make(spec.input)
    const isSocket = spec.transport !== 'http' && random.chance(0.5)
    const failuresBefore = hub.hub.measurements.failures
    const output = await send(hub.url, isSocket ? live : user, spec, input)
    counts.inputs += 1
    if (output.isTaken) counts.taken += 1
    else counts.refused += 1
    inputs.learn(output.body)
    const about = `${spec.name} over ${isSocket ? 'the socket' : 'HTTP'} with ${JSON.stringify(input)?.slice(0, 300)}`
    if (hub.hub.measurements.failures > failuresBefore) problems.push(`a fault of the hub: ${about}`)
    if (output.status >= 500) problems.push(`status ${output.status}: ${about}`)
    if (JSON.stringify(output.body)?.includes(secret)) problems.push(`a private chat was read: ${about}`)
    if (live.closed) problems.push(`the socket was closed: ${about}`)
  }
  for (const live of lives) {
    if (JSON.stringify(live.received).includes(secret)) problems.push('a private chat was pushed')
    await live.close()
  }
  const { status } = await rawRequest(hub.url, users[0]?.token, 'me.get', {})
  if (status !== 200) problems.push(`the hub does not respond any more: ${status}`)
  return problems
}

/** Returns the users who send; the keeper of the private chat is not one of them. */
async function populate(url: string, random: Random): Promise<{ users: TestUser[]; inputs: Inputs }> {
  const olga = await TestUser.setUp(url, { code: 'test-code-1', username: 'olga', registration: 'open' })
  const [ann, bo, keeper] = (await Promise.all(
    ['ann', 'bo', 'keeper'].map((username) => TestUser.register(url, { username })),
  )) as [TestUser, TestUser, TestUser]
  const kitchen = await ann.createGroup('Kitchen', [bo], 'public')
  const safe = await keeper.createGroup('Safe')
  const inputs = new Inputs(random, safe.id)
  inputs.learn([olga.user, ann.user, bo.user, keeper.user, kitchen, safe])
  inputs.learn(await keeper.sendMessage(safe.id, secret))
  inputs.learn(await ann.sendMessage(kitchen.id, 'boat'))
  inputs.learn(await bo.openDirectChat(ann))
  return { users: [olga, ann, bo], inputs }
}

interface Outcome {
  isTaken: boolean
  status: number
  body: unknown
}

async function send(
  url: string,
  target: TestUser | LiveClient,
  { name }: RequestSpec,
  input: unknown,
): Promise<Outcome> {
  try {
    if ('token' in target) {
      const members =
        typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : { input }
      const { status, body } = await rawRequest(url, target.token, name, members)
      return { isTaken: status < 400, status, body }
    }
    return { isTaken: true, status: 200, body: await target.requestAny(name, input) }
  } catch (error) {
    const { status = 400, error: body } = error as { status?: number; error?: unknown }
    return { isTaken: false, status, body: body ?? String(error) }
  }
}
