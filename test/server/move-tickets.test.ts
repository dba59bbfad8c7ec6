// Tickets by which browsers go on at the new address of a hub: two real computers.
import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { continuityOf } from '../../server/standby/continuity-of.ts'
import { openMoveTicket, sealMoveTicket } from '../../server/continuity/move-ticket.ts'
import { type Pair, startPair, urlOf } from '../support/computers.ts'
import { LiveClient } from '../support/live-client.ts'
import { password } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'
import { moveTicketValidMs, readMoveTicket } from '../../shared/move-ticket.ts'
import { WebSocket } from 'ws'

const sameOrigin = { 'sec-fetch-site': 'same-origin' }

/** Logs in as a page does. Returns the cookie. */
async function logIn(url: string, remember = true): Promise<string> {
  const response = await fetch(`${url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ username: 'olga', password, remember }),
  })
  expect(response.status).toBe(200)
  return cookieOf(response)
}

function cookieOf(response: Response): string {
  return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

function post(url: string, path: string, ticket: string, headers: Record<string, string> = {}) {
  return fetch(`${url}/api/tickets/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url, ...headers },
    body: JSON.stringify({ ticket }),
  })
}

interface WireError {
  error: { ticket?: unknown; moved?: unknown }
}

/** What a computer that is not the hub says to a request. */
async function askFormer(url: string, headers: Record<string, string>) {
  const response = await fetch(`${url}/api/me`, { headers })
  const { error } = (await response.json()) as WireError
  expect([response.status, error.moved !== undefined]).toEqual([503, true])
  return readMoveTicket(error.ticket)
}

async function handOver({ hub, standby, owner }: Pair): Promise<void> {
  await owner.request('continuity.handover', {})
  await waitFor(() => {
    expect(standby.hub).toBeDefined()
    expect(hub.standby?.status.isConnected).toBe(true)
  })
}

test('a browser gets a ticket with the farewell of its socket, and later from the former address; each counts once', async () => {
  const pair = await startPair()
  const { hub, standby, owner } = pair
  const former = urlOf(hub)
  const cookie = await logIn(former)
  const brief = await logIn(former, false)
  const live = new LiveClient(
    new WebSocket(`${former.replace('http', 'ws')}/live`, { headers: { cookie, origin: former } }),
  )
  await live.next(({ t }) => t === 'hello')
  const app = await owner.connect()
  await handOver(pair)
  const bye = await live.next(({ t }) => t === 'bye')
  const byeOfApp = await app.next(({ t }) => t === 'bye')
  // the app has its own ways
  expect(byeOfApp).not.toHaveProperty('ticket')
  const ticket = bye.t === 'bye' ? readMoveTicket(bye.ticket) : undefined
  const there = urlOf(standby)

  const read = await post(there, 'read', ticket?.value ?? '')
  expect([read.status, await read.json()]).toEqual([
    200,
    { user: expect.objectContaining({ username: 'olga' }) as unknown },
  ])
  const used = await post(there, 'use', ticket?.value ?? '')
  expect(await used.json()).toMatchObject({ key: ticket?.key, remember: true })
  // the same session as at the former address
  expect(cookieOf(used)).toBe(cookie)
  expect(used.headers.get('set-cookie')).toMatch(/HttpOnly.*SameSite=Strict/)
  const me = await fetch(`${there}/api/me`, { headers: { cookie: cookieOf(used) } })
  expect(me.status).toBe(200)
  for (const path of ['read', 'use']) {
    const again = await post(there, path, ticket?.value ?? '')
    expect([path, again.status, again.headers.get('set-cookie')]).toEqual([path, 404, null])
  }

  // a page that is opened at the former address later
  const later = await askFormer(former, { cookie: brief, ...sameOrigin })
  const briefly = await post(there, 'use', later?.value ?? '')
  expect(await briefly.json()).toMatchObject({ key: later?.key, remember: false })
  expect(briefly.headers.get('set-cookie')).not.toContain('Max-Age')
  // two tickets of one session: the older one is over with the younger
  const [older, younger] = [
    await askFormer(former, { cookie, ...sameOrigin }),
    await askFormer(former, { cookie, ...sameOrigin }),
  ]
  expect((await post(there, 'use', younger?.value ?? '')).status).toBe(200)
  expect((await post(there, 'use', older?.value ?? '')).status).toBe(404)
  await hub.close()
})

test('no ticket is made for another site, an app or nobody, and none counts elsewhere or for anybody else', async () => {
  const pair = await startPair()
  const { hub, standby, owner } = pair
  const former = urlOf(hub)
  const cookie = await logIn(former)
  const ended = await logIn(former)
  await handOver(pair)
  const there = urlOf(standby)
  for (const headers of [
    { cookie, 'sec-fetch-site': 'cross-site' },
    { cookie },
    { authorization: `Bearer ${owner.token}`, ...sameOrigin },
    { ...sameOrigin },
  ] as Record<string, string>[])
    expect(await askFormer(former, headers)).toBeUndefined()

  const ticket = await askFormer(former, { cookie, ...sameOrigin })
  const value = ticket?.value ?? ''
  // a page of another site can neither use it nor read what it is
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }] as Record<
    string,
    string
  >[]) {
    const refused = await post(there, 'use', value, headers)
    expect([refused.status, refused.headers.get('set-cookie')]).toEqual([403, null])
  }
  // the computer that made it does not take it
  expect((await post(former, 'use', value)).status).toBe(503)

  const continuity = continuityOf(standby.hub?.hub ?? fail())
  const { key, hubId } = continuity.identity
  const to = continuity.ownNode
  const now = Date.now()
  const token = cookie.split('=')[1] ?? ''
  const bent = `${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`
  const invalid = {
    bent,
    'for another computer': sealMoveTicket(key, hubId, { token, to: 'x'.repeat(43), now }).value,
    'too old': sealMoveTicket(key, hubId, { token, to, now: now - moveTicketValidMs - 1_000 }).value,
    'of the future': sealMoveTicket(key, hubId, { token, to, now: now + moveTicketValidMs + 60_000 }).value,
    'with a made-up token': sealMoveTicket(key, hubId, { token: 'A'.repeat(43), to, now }).value,
    'with the token of an app': sealMoveTicket(key, hubId, { token: owner.token, to, now }).value,
  }
  for (const [what, bad] of Object.entries(invalid))
    expect([what, (await post(there, 'use', bad)).status]).toEqual([what, 404])

  const ofEnded = await askFormer(former, { cookie: ended, ...sameOrigin })
  await owner.atUrl(there).request('sessions.endOthers', {})
  for (const gone of [value, ofEnded?.value ?? '']) expect((await post(there, 'use', gone)).status).toBe(404)
  await hub.close()
})

test('a ticket shows nothing of the session without the key of the hub', () => {
  const [key, other] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
  if (!key || !other) return fail()
  const token = 'T'.repeat(43)
  const { value } = sealMoveTicket(key, 'hub', { token, to: 'n', now: 5 })
  expect(Buffer.from(value, 'base64url').toString('latin1')).not.toContain(token)
  expect(openMoveTicket(key, 'hub', { value, to: 'n', now: 5 })).toMatchObject({ token })
  expect(openMoveTicket(other, 'hub', { value, to: 'n', now: 5 })).toBeUndefined()
  expect(openMoveTicket(key, 'another hub', { value, to: 'n', now: 5 })).toBeUndefined()
})

function fail(): never {
  throw new Error('not the hub')
}
