// A hub with a believable team, for exploring, screenshots and manual tests. Everything goes through the API of a real
// hub; only its clock is set to the past weeks.
import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { WebSocket } from 'ws'
import { watchParent } from '../server/parent-process.ts'
import { type RunningHub, startHub } from '../server/start.ts'
import { terminalLog, wantsColour } from '../server/terminal-log.ts'
import { createDialog } from './demo/dialog.ts'
import { uploadFile, sharedFiles } from './demo/files.ts'
import { seededRandom } from './demo/seeded-random.ts'
import { scene } from './demo/scene.ts'
import { directChats, groups, type DemoUsername, users } from './demo/team.ts'

const password = 'demo-password'
const weeks = 5
const dayMs = 24 * 60 * 60 * 1000

interface PlannedDialog {
  at: number
  chatId: string
  about: string
  participants: DemoUsername[]
}

const { values } = parseArgs({
  options: { port: { type: 'string', default: '7788' }, data: { type: 'string' } },
})
const dataDir = values.data ?? mkdtempSync(join(tmpdir(), 'hubbub-demo-'))
const logOptions = {
  level: process.env['HUBBUB_LOG'] ?? 'warn',
  timestamp: pino.stdTimeFunctions.isoTime,
  base: null,
}
const write = (text: string): void => void process.stderr.write(text)
const log = process.stderr.isTTY
  ? pino(logOptions, terminalLog(write, { hasColour: wantsColour(process.stderr) }))
  : pino(logOptions, pino.destination(2))
const random = seededRandom(7)

const end = Date.now() - 4 * 60_000
let now = end - weeks * 7 * dayMs

const startDemoHub = (port: number, loadTest: boolean, clock?: () => number): Promise<RunningHub> =>
  startHub({
    dataDir,
    host: '127.0.0.1',
    port,
    allowPlainHttp: false,
    loadTest,
    setupCode: 'demo-code',
    log,
    // the demo itself stays on this computer, and its data is that of a usual hub
    commandFor: (option) => ['npm run hub -- --data', dataDir, ...option].join(' '),
    ...(clock ? { clock } : {}),
  })

// while the team is created nothing is worth an orderly end
let shutDown = (): void => process.exit(1)
watchParent(() => shutDown())

process.stdout.write('creating the team and its messages: this takes a minute or two\n')
const seeding = await startDemoHub(0, true, () => now)
const tokens = await createTeam(seeding.url)
const sentCount = await sendDialogs(seeding.url, tokens)
await seeding.close()

const hub = await startDemoHub(Number(values.port), false)
const sockets = await connectTeam(hub.url)
process.stdout.write(
  [
    `hub listening at ${hub.url}`,
    `${users.length} users, ${groups.length} groups, ${sentCount} messages over ${weeks} weeks, in ${dataDir}`,
    `log in as ann (owner), bo, chiara… with the password ${password}`,
    '',
  ].join('\n'),
)
shutDown = () => {
  for (const socket of sockets) socket.terminate()
  void hub.close().then(() => process.exit(0))
}
process.once('SIGINT', shutDown)
process.once('SIGTERM', shutDown)

type Tokens = Map<DemoUsername, { token: string; id: string }>

async function createTeam(url: string): Promise<Tokens> {
  const team: Tokens = new Map()
  for (const [i, demoUser] of users.entries()) {
    const response =
      i === 0
        ? await request(url, undefined, 'POST', '/api/setup', {
            code: 'demo-code',
            hubName: 'Nordlicht boatyard',
            registration: 'open',
            password,
            ...demoUser,
          })
        : await request(url, undefined, 'POST', '/api/register', { password, ...demoUser })
    const { token, user } = response as { token: string; user: { id: string } }
    team.set(demoUser.username, { token, id: user.id })
    now += 20 * 60_000
  }
  return team
}

/** Sends all dialogs of all weeks in chronological order. Returns the number of messages. */
async function sendDialogs(url: string, team: Tokens): Promise<number> {
  const as = (name: DemoUsername) => team.get(name) as { token: string; id: string }
  const dialogs: PlannedDialog[] = []
  const chatIds = new Map<string, string>()
  const plan = (chatId: string, about: string, members: DemoUsername[], perWeek: number): void => {
    const span = end - now
    const count = Math.max(1, Math.round((perWeek * span) / (7 * dayMs)))
    for (let i = 0; i < count; i += 1) {
      dialogs.push({
        at: toWorkingHour(now + ((i + random.next()) / count) * span),
        chatId,
        about,
        participants: members,
      })
    }
  }
  for (const group of groups) {
    const { chat } = (await request(url, as(group.owner).token, 'POST', '/api/chats', {
      name: group.name,
      visibility: group.visibility,
      ...(group.topic ? { topic: group.topic } : {}),
      members: group.members.map((name) => as(name).id),
    })) as { chat: { id: string } }
    chatIds.set(group.name, chat.id)
    plan(chat.id, group.about, [group.owner, ...group.members], group.perWeek * 2)
  }
  for (const { pair, about, perWeek } of directChats) {
    const { chat } = (await request(url, as(pair[0]).token, 'POST', '/api/chats/direct', {
      userId: as(pair[1]).id,
    })) as { chat: { id: string } }
    plan(chat.id, about, pair, perWeek * 2)
  }
  let count = 0
  for (const pair of dialogs.filter(({ at }) => at < end).sort((a, b) => a.at - b.at)) {
    now = Math.max(now, pair.at)
    for (const line of createDialog(pair.about, pair.participants, random)) {
      now = Math.min(now + line.delayMs, end)
      await request(url, as(line.author).token, 'POST', `/api/chats/${pair.chatId}/messages`, {
        cid: randomUUID(),
        text: line.text,
      })
      count += 1
    }
    // everybody has read all but the newest messages, so that some stay unread
    if (now < end - 0.2 * dayMs)
      for (const name of pair.participants) await request(url, as(name).token, 'POST', `/api/chats/read`, {})
  }
  for (const { group, by, text, files } of sharedFiles) {
    const { token } = as(by)
    const attachments: string[] = []
    for (const { name, bytes } of files) attachments.push(await uploadFile(url, token, name, bytes))
    await request(url, token, 'POST', `/api/chats/${chatIds.get(group) ?? ''}/messages`, {
      cid: randomUUID(),
      text,
      attachments,
    })
    count += 1
  }
  return count + (await playScene(url, team, chatIds.get(scene.group) ?? ''))
}

async function playScene(url: string, team: Tokens, chatId: string): Promise<number> {
  const as = (name: DemoUsername): string => team.get(name)?.token ?? ''
  const sendAs = async (by: DemoUsername, text: string, more: object = {}): Promise<string> => {
    now = Math.min(now + 50_000, end)
    const body = { cid: randomUUID(), text, ...more }
    const { message } = (await request(url, as(by), 'POST', `/api/chats/${chatId}/messages`, body)) as {
      message: { id: string }
    }
    return message.id
  }
  const ids: string[] = []
  for (const { by, text, reactions = [], quotes, thread = [], isPinned } of scene.messages) {
    const id = await sendAs(by, text, quotes === undefined ? {} : { replyTo: ids.at(-quotes) })
    ids.push(id)
    for (const [emoji, ...names] of reactions) {
      for (const name of names)
        await request(url, as(name), 'PUT', `/api/messages/${id}/reactions/${encodeURIComponent(emoji)}`, {})
    }
    for (const reply of thread) await sendAs(reply.by, reply.text, { thread: id })
    if (isPinned) await request(url, as(by), 'PUT', `/api/messages/${id}/pin`, {})
  }
  return ids.length
}

/** Moves a time into a working day, between seven and six. */
function toWorkingHour(at: number): number {
  const date = new Date(at)
  date.setHours(7 + Math.floor((date.getHours() / 24) * 11))
  if (date.getDay() === 0) date.setDate(date.getDate() - 2)
  if (date.getDay() === 6) date.setDate(date.getDate() - 1)
  return date.getTime()
}

/** Connects half of the team, two of them at lunch. Sessions of five weeks ago have ended, so each logs in. */
async function connectTeam(url: string): Promise<WebSocket[]> {
  const connected: DemoUsername[] = ['bo', 'chiara', 'deniz', 'greta', 'hiro', 'katya']
  return Promise.all(
    connected.map(async (username, i) => {
      const login = (await request(url, undefined, 'POST', '/api/login', { username, password })) as {
        token: string
      }
      const socket = new WebSocket(`${url.replace('http', 'ws')}/live`, {
        headers: { authorization: `Bearer ${login.token}` },
      })
      socket.on('open', () => {
        socket.send(JSON.stringify([{ t: 'resume', protocol: 1 }]))
        if (i >= 4) socket.send(JSON.stringify([{ t: 'presence', state: 'idle' }]))
      })
      socket.on('error', (error) => log.warn({ err: error }, 'a demo user could not connect'))
      return socket
    }),
  )
}

async function request(
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
