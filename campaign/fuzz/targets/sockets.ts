import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import { type RunningHub, startHub } from '../../../server/start.ts'
import { closeCodes, type FromHub } from '../../../shared/contract/live.ts'
import type { Random } from '../../../test/simulation/random.ts'
import { HubSocket } from '../../simulate/hub-socket.ts'
import { bendValue, nestedLists, pick } from '../bend.ts'
import type { Target } from '../target.ts'
import { putInFault } from '../request-faults.ts'

/*
 * Frames to the hub over a live socket. Each is answered or ends the socket with a code of the contract; the hub logs no fault, goes
 * on responding, and sends nothing of a chat that the user is not in.
 */

interface Frames {
  frames: { opcode: number; payload: Buffer }[]
}

const host = 'team.test:7788'
const secret = 'the-keepers-secret-words'
const text = 1
const opcodes = [text, text, text, text, text, text, 2, 0, 3, 9, 10, 11]
/** Codes of ws for frames that break RFC 6455, and those of the contract. */
const knownCodes = [...Object.values(closeCodes), 1000, 1002, 1003, 1005, 1006, 1007]
const maxFrames = 3
const answerMs = 5_000

export async function openSocketsTarget(dir: string): Promise<Target<Frames>> {
  const dataDir = path.join(dir, 'sockets')
  mkdirSync(dataDir)
  const faults: string[] = []
  const hub = await startHub({
    ...{ dataDir, host: '127.0.0.1', port: 7788, opensPort: false, publicUrl: new URL(`http://${host}`) },
    ...{
      allowPlainHttp: false,
      loadTest: true,
      checkOutput: true,
      logN: 4,
      setupCode: 'test-code-1',
      backups: 'none',
    },
    log: pino({ level: 'error' }, { write: (line) => void faults.push(line) }),
  })
  const team = await populate(hub)
  let client = await Client.open(hub, team.token)
  let undo = (): void => undefined
  return {
    inputsPerRound: 1_000,
    make: (random) => makeFrames(random, team.chats),
    check: async ({ frames }) => {
      if (client.code !== undefined) client = await Client.open(hub, team.token)
      for (const { opcode, payload } of frames) client.socket.sendFrame(opcode, payload)
      await client.settle()
      const logged = faults.splice(0)
      if (logged.length > 0) return `the hub logs ${logged[0]}`
      if (client.code !== undefined && !knownCodes.includes(client.code)) return `closed with ${client.code}`
      if (client.isSilent) return 'the hub does not respond'
      return client.takeReceived().includes(secret) ? 'a private chat was read' : undefined
    },
    close: () => {
      undo()
      client.socket.destroy()
      void hub.close()
    },
    faults: {
      'unguarded-read': () => {
        undo = putInFault('forgotten-check')
      },
    },
  }
}

class Client {
  readonly socket: HubSocket
  code: number | undefined
  isSilent = false
  #received: string[] = []
  #pongs = 0
  #notify = (): void => undefined

  private constructor(hub: RunningHub, token: string, onOpen: () => void) {
    this.socket = new HubSocket(
      hub.app.server,
      { host, authorization: `Bearer ${token}` },
      {
        onOpen,
        onText: (frame) => this.#receive(frame),
        onClose: (code) => {
          this.code = code
          this.#notify()
        },
      },
    )
  }

  static async open(hub: RunningHub, token: string): Promise<Client> {
    const opened = Promise.withResolvers<void>()
    const client = new Client(hub, token, () => opened.resolve())
    await opened.promise
    client.socket.send('[{"t":"resume","protocol":1}]')
    await client.settle()
    return client
  }

  /** Waits until the hub has dealt with what was sent. */
  async settle(): Promise<void> {
    const before = this.#pongs
    this.socket.send('[{"t":"ping"}]')
    const timeout = setTimeout(() => {
      this.isSilent = true
      this.#notify()
    }, answerMs)
    while (this.#pongs === before && this.code === undefined && !this.isSilent) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#notify = resolve
      await promise
    }
    clearTimeout(timeout)
  }

  takeReceived(): string {
    return this.#received.splice(0).join()
  }

  #receive(frame: string): void {
    this.#received.push(frame)
    const messages = JSON.parse(frame) as FromHub[]
    this.#pongs += messages.filter(({ t }) => t === 'pong').length
    this.#notify()
  }
}

async function populate(hub: RunningHub): Promise<{ token: string; chats: string[] }> {
  const owner = await ask(hub, 'POST', '/api/setup', {
    code: 'test-code-1',
    hubName: 'Team',
    username: 'olga',
    registration: 'open',
  })
  const keeper = await ask(hub, 'POST', '/api/register', { username: 'keeper' })
  const kitchen = await ask(hub, 'POST', '/api/chats', { name: 'Kitchen', visibility: 'public' }, owner.token)
  const safe = await ask(hub, 'POST', '/api/chats', { name: 'Safe', visibility: 'private' }, keeper.token)
  const chats = [kitchen, safe].map(({ chat }) => chat?.id ?? '')
  await ask(
    hub,
    'POST',
    `/api/chats/${chats[1]}/messages`,
    { cid: crypto.randomUUID(), text: secret },
    keeper.token,
  )
  return { token: owner.token ?? '', chats }
}

async function ask(
  hub: RunningHub,
  method: 'POST',
  url: string,
  input: Record<string, unknown>,
  token?: string,
): Promise<{ token?: string; chat?: { id: string } }> {
  const account = token === undefined ? { password: 'correct horse battery' } : {}
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const { statusCode, body } = await hub.app.inject({
    ...{ method, url, headers: { host, 'x-hubbub-client': 'token', ...authorization } },
    payload: { ...account, ...input },
  })
  if (statusCode >= 400) throw new Error(`${url}: ${body}`)
  return JSON.parse(body) as { token?: string; chat?: { id: string } }
}

function makeFrames(random: Random, chats: readonly string[]): Frames {
  return {
    frames: Array.from({ length: 1 + random.below(maxFrames) }, () => ({
      opcode: pick(random, opcodes),
      payload: makePayload(random, chats),
    })),
  }
}

function makePayload(random: Random, chats: readonly string[]): Buffer {
  if (random.chance(0.03)) return Buffer.from(nestedLists(random))
  if (random.chance(0.02))
    return Buffer.alloc(pick(random, [0, 126, 65_000, 66_000]), pick(random, ['[', 'a', '\xff']), 'latin1')
  let value: unknown = Array.from({ length: random.below(4) }, () => makeMessage(random, pick(random, chats)))
  while (random.chance(0.5)) value = bendValue(random, value)
  return Buffer.from(JSON.stringify(value) ?? '')
}

function makeMessage(random: Random, chat: string): object {
  const request = (name: string, input: object): object => ({ t: 'req', id: random.below(100), name, input })
  return pick(random, [
    {
      t: 'resume',
      protocol: 1,
      wants: ['users', 'interest'],
      zone: 'Europe/Berlin',
      epoch: 'e',
      have: { hub: 1, chats: { [chat]: 'x' } },
    },
    ...[
      { t: 'ping' },
      { t: 'typing', chat },
      { t: 'presence', state: 'idle' },
      { t: 'watch', users: [chat] },
    ],
    { t: 'delivered', chat, no: random.below(4) },
    request('messages.list', { chatId: chat }),
    request('messages.send', { chatId: chat, cid: 'c'.repeat(16), text: 'boat' }),
    request('streams.read', { stream: `chat:${chat}`, after: 0 }),
    request('chats.list', {}),
    request('search.messages', { q: 'secret' }),
    request('toString', {}),
    request('__proto__', {}),
  ])
}
