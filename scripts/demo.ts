// A hub with a believable team, for looking around, screenshots and tests by hand. Everything goes through the doors of
// a real hub; only its clock is led through the last weeks.
import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { WebSocket } from 'ws'
import { type RunningHub, startHub } from '../server/start.ts'
import { holdDialog } from './demo/hold.ts'
import { bring, shared } from './demo/files.ts'
import { dice } from './demo/random.ts'
import { scene } from './demo/scene.ts'
import { directs, groups, type Name, people } from './demo/team.ts'

const password = 'demo-password'
const weeks = 5
const day = 24 * 60 * 60 * 1000

interface Talk {
  at: number
  chatId: string
  about: string
  people: Name[]
}

const { values } = parseArgs({
  options: { port: { type: 'string', default: '7788' }, data: { type: 'string' } },
})
const dataDir = values.data ?? mkdtempSync(join(tmpdir(), 'hubbub-demo-'))
const log = pino({ level: process.env['HUBBUB_LOG'] ?? 'warn' }, pino.destination(2))
const rolled = dice(7)

const end = Date.now() - 4 * 60_000
let now = end - weeks * 7 * day

const start = (port: number, loadTest: boolean, clock?: () => number): Promise<RunningHub> =>
  startHub({
    dataDir,
    host: '127.0.0.1',
    port,
    allowPlainHttp: false,
    loadTest,
    setupCode: 'demo-code',
    log,
    ...(clock ? { clock } : {}),
  })

const seeding = await start(0, true, () => now)
const tokens = await makeTeam(seeding.url)
const sent = await talk(seeding.url, tokens)
await seeding.close()

const hub = await start(Number(values.port), false)
const sockets = keepOnline(hub.url, tokens)
process.stdout.write(
  [
    `hub listening at ${hub.url}`,
    `${people.length} people, ${groups.length} groups, ${sent} messages over ${weeks} weeks, in ${dataDir}`,
    `log in as ann (owner), bo, chiara… with the password ${password}`,
    '',
  ].join('\n'),
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const socket of sockets) socket.terminate()
    void hub.close().then(() => process.exit(0))
  })
}

type Tokens = Map<Name, { token: string; id: string }>

async function makeTeam(url: string): Promise<Tokens> {
  const team: Tokens = new Map()
  for (const [i, person] of people.entries()) {
    const answer =
      i === 0
        ? await ask(url, undefined, 'POST', '/api/setup', {
            code: 'demo-code',
            hubName: 'Nordlicht boatyard',
            registration: 'open',
            password,
            ...person,
          })
        : await ask(url, undefined, 'POST', '/api/register', { password, ...person })
    const { token, user } = answer as { token: string; user: { id: string } }
    team.set(person.username, { token, id: user.id })
    now += 20 * 60_000
  }
  return team
}

/** All talks of all weeks, in the order of time. Answers how many messages were sent. */
async function talk(url: string, team: Tokens): Promise<number> {
  const as = (name: Name) => team.get(name) as { token: string; id: string }
  const talks: Talk[] = []
  const chatIds = new Map<string, string>()
  const plan = (chatId: string, about: string, members: Name[], perWeek: number): void => {
    const span = end - now
    const count = Math.max(1, Math.round((perWeek * span) / (7 * day)))
    for (let i = 0; i < count; i += 1) {
      talks.push({
        at: workingHour(now + ((i + rolled.next()) / count) * span),
        chatId,
        about,
        people: members,
      })
    }
  }
  for (const group of groups) {
    const { chat } = (await ask(url, as(group.owner).token, 'POST', '/api/chats', {
      name: group.name,
      visibility: group.visibility,
      ...(group.topic ? { topic: group.topic } : {}),
      members: group.members.map((name) => as(name).id),
    })) as { chat: { id: string } }
    chatIds.set(group.name, chat.id)
    plan(chat.id, group.about, [group.owner, ...group.members], group.perWeek * 2)
  }
  for (const { pair, about, perWeek } of directs) {
    const { chat } = (await ask(url, as(pair[0]).token, 'POST', '/api/chats/direct', {
      userId: as(pair[1]).id,
    })) as { chat: { id: string } }
    plan(chat.id, about, pair, perWeek * 2)
  }
  let count = 0
  for (const one of talks.filter(({ at }) => at < end).sort((a, b) => a.at - b.at)) {
    now = Math.max(now, one.at)
    for (const line of holdDialog(one.about, one.people, rolled)) {
      now = Math.min(now + line.after, end)
      await ask(url, as(line.by).token, 'POST', `/api/chats/${one.chatId}/messages`, {
        cid: randomUUID(),
        text: line.text,
      })
      count += 1
    }
    // everybody has read it but for the newest: something is left to look at
    if (now < end - 0.2 * day)
      for (const name of one.people) await ask(url, as(name).token, 'POST', `/api/chats/read`, {})
  }
  for (const { group, by, text, files } of shared) {
    const { token } = as(by)
    const attachments: string[] = []
    for (const { name, bytes } of files) attachments.push(await bring(url, token, name, bytes))
    await ask(url, token, 'POST', `/api/chats/${chatIds.get(group) ?? ''}/messages`, {
      cid: randomUUID(),
      text,
      attachments,
    })
    count += 1
  }
  return count + (await play(url, team, chatIds.get(scene.group) ?? ''))
}

async function play(url: string, team: Tokens, chatId: string): Promise<number> {
  const as = (name: Name): string => team.get(name)?.token ?? ''
  const say = async (by: Name, text: string, more: object = {}): Promise<string> => {
    now = Math.min(now + 50_000, end)
    const body = { cid: randomUUID(), text, ...more }
    const { message } = (await ask(url, as(by), 'POST', `/api/chats/${chatId}/messages`, body)) as {
      message: { id: string }
    }
    return message.id
  }
  const ids: string[] = []
  for (const { by, text, reactions = [], quotes, thread = [], isPinned } of scene.said) {
    const id = await say(by, text, quotes === undefined ? {} : { replyTo: ids.at(-quotes) })
    ids.push(id)
    for (const [emoji, ...names] of reactions) {
      for (const name of names)
        await ask(url, as(name), 'PUT', `/api/messages/${id}/reactions/${encodeURIComponent(emoji)}`, {})
    }
    for (const reply of thread) await say(reply.by, reply.text, { thread: id })
    if (isPinned) await ask(url, as(by), 'PUT', `/api/messages/${id}/pin`, {})
  }
  return ids.length
}

/** Into a working day between seven and six. */
function workingHour(at: number): number {
  const date = new Date(at)
  date.setHours(7 + Math.floor((date.getHours() / 24) * 11))
  if (date.getDay() === 0) date.setDate(date.getDate() - 2)
  if (date.getDay() === 6) date.setDate(date.getDate() - 1)
  return date.getTime()
}

/** Half of the team is here, two of them at lunch. */
function keepOnline(url: string, team: Tokens): WebSocket[] {
  const here: Name[] = ['bo', 'chiara', 'deniz', 'greta', 'hiro', 'katya']
  return here.map((name, i) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/live`, {
      headers: { authorization: `Bearer ${team.get(name)?.token ?? ''}` },
    })
    socket.on('open', () => {
      socket.send(JSON.stringify([{ t: 'resume', protocol: 1 }]))
      if (i >= 4) socket.send(JSON.stringify([{ t: 'presence', state: 'idle' }]))
    })
    socket.on('error', (error) => log.warn({ err: error }, 'somebody of the demo is not online'))
    return socket
  })
}

async function ask(
  url: string,
  token: string | undefined,
  method: string,
  path: string,
  body: object,
): Promise<unknown> {
  const response = await fetch(url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      'x-hubbub-client': 'token',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response.status === 204 ? undefined : response.json()
}
