import { expect, test } from 'vitest'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { auditActions } from '../../shared/contract/audit.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { password, TestUser, rawRequest } from '../support/test-user.ts'

interface Team {
  hub: TestHub
  olga: TestUser
  ada: TestUser
  mo: TestUser
  pim: TestUser
}

/** An owner, an admin and two members. */
async function createTeam(): Promise<Team> {
  const hub = await startTestHub()
  const olga = await hub.setUp('olga')
  const { invite } = await olga.request('admin.invites.create', { role: 'admin' })
  const ada = await TestUser.register(hub.url, { username: 'ada', invite })
  return { hub, olga, ada, mo: await hub.registerUser('mo'), pim: await hub.registerUser('pim') }
}

test('admin.users.list filters by name, role and state, returns session counts and pages', async () => {
  const { hub, olga, mo, pim } = await createTeam()
  await TestUser.login(hub.url, 'mo')
  await olga.request('admin.users.update', { userId: pim.id, deactivated: true })
  const names = async (input: object) =>
    (await olga.request('admin.users.list', input)).users.map(({ user }) => user.username)
  expect(await names({})).toEqual(['ada', 'mo', 'olga', 'pim'])
  expect(await names({ query: 'M' })).toEqual(['mo', 'pim'])
  expect(await names({ role: 'admin' })).toEqual(['ada'])
  expect(await names({ status: 'deactivated' })).toEqual(['pim'])
  expect(await names({ status: 'active', role: 'member' })).toEqual(['mo'])
  const first = await olga.request('admin.users.list', { limit: 2 })
  expect(first).toMatchObject({ more: true, total: 4 })
  expect(await names({ after: first.users[1]?.user.id })).toEqual(['olga', 'pim'])
  const { users } = await olga.request('admin.users.list', { query: 'mo' })
  expect(users[0]).toMatchObject({ user: { id: mo.id }, sessions: 2, presence: 'offline' })
})

test('deactivating a user ends all access at once and keeps the username, and the account can be reactivated', async () => {
  const { hub, ada, mo, pim } = await createTeam()
  const chat = await mo.openDirectChat(pim)
  await pim.sendMessage(chat.id, 'good morning')
  const live = await pim.connect()
  const watching = await mo.connect()
  await ada.request('admin.users.update', { userId: pim.id, deactivated: true })
  expect(await live.whenClosed()).toMatchObject({ code: 4401 })
  await expect(pim.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(TestUser.login(hub.url, 'pim')).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(await watching.nextEntry('user.updated')).toMatchObject({
    user: { id: pim.id, displayName: 'pim', deactivated: true },
    by: ada.id,
  })
  const { messages } = await mo.request('messages.list', { chatId: chat.id })
  expect(messages).toMatchObject([{ text: 'good morning', author: pim.id }])
  expect((await mo.openDirectChat(pim)).id).toBe(chat.id)
  await expect(mo.sendMessage(chat.id, 'are you there?')).rejects.toMatchObject({ code: 'forbidden' })
  await expect(ada.openDirectChat(pim)).rejects.toMatchObject({ code: 'not_found' })
  const group = await mo.createGroup('Lounge')
  await expect(mo.request('members.add', { chatId: group.id, userId: pim.id })).rejects.toMatchObject({
    code: 'not_found',
  })

  await ada.request('admin.users.update', { userId: pim.id, deactivated: false })
  await expect(pim.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
  const back = await TestUser.login(hub.url, 'pim')
  await mo.sendMessage(chat.id, 'welcome back')
  expect((await back.request('chats.list', {})).chats).toHaveLength(1)
})

test('a retry of a message sent before the account was deactivated returns the original result', async () => {
  const { ada, mo, pim } = await createTeam()
  const chat = await mo.openDirectChat(pim)
  const sent = await mo.sendMessage(chat.id, 'good morning')
  await ada.request('admin.users.update', { userId: pim.id, deactivated: true })
  expect((await mo.sendMessage(chat.id, 'good morning', sent.cid)).id).toBe(sent.id)
})

test('a group whose owner is deactivated goes to an active member, or is deleted if there is none', async () => {
  const { ada, mo, pim } = await createTeam()
  const group = await mo.createGroup('Lounge', [pim, ada])
  await mo.request('members.update', { chatId: group.id, userId: pim.id, role: 'admin' })
  await ada.request('admin.users.update', { userId: pim.id, deactivated: true })
  await mo.request('chats.leave', { chatId: group.id })
  expect((await ada.request('chats.get', { chatId: group.id })).chat.role).toBe('owner')
  await ada.request('chats.leave', { chatId: group.id })
  await expect(ada.request('chats.get', { chatId: group.id })).rejects.toMatchObject({ code: 'not_found' })
})

test('nobody deactivates their own account or the owner, and no admin deactivates another admin', async () => {
  const { olga, ada, mo } = await createTeam()
  const close = (by: TestUser, whom: TestUser) =>
    by.request('admin.users.update', { userId: whom.id, deactivated: true })
  for (const [by, whom] of [
    [olga, olga],
    [ada, ada],
    [ada, olga],
    [mo, ada],
  ] as const) {
    await expect(close(by, whom)).rejects.toMatchObject({ code: 'forbidden' })
  }
  const { invite } = await olga.request('admin.invites.create', { role: 'admin' })
  const zoe = await TestUser.register(ada.url, { username: 'zoe', invite })
  await expect(close(zoe, ada)).rejects.toMatchObject({ code: 'forbidden' })
  await close(olga, ada)
})

test('the owner can change roles, and the new permissions apply at once', async () => {
  const { olga, ada, mo } = await createTeam()
  await expect(ada.request('admin.users.update', { userId: mo.id, role: 'admin' })).rejects.toMatchObject({
    code: 'forbidden',
    error: { field: 'role' },
  })
  const live = await mo.connect()
  await expect(live.request('admin.storage', {})).rejects.toMatchObject({ code: 'forbidden' })
  await olga.request('admin.users.update', { userId: mo.id, role: 'admin' })
  expect(await live.nextEntry('user.updated')).toMatchObject({ user: { id: mo.id, role: 'admin' } })
  await live.request('admin.storage', {})
  await olga.request('admin.users.update', { userId: mo.id, role: 'member' })
  await expect(live.request('admin.storage', {})).rejects.toMatchObject({ code: 'forbidden' })
})

test('transferring the hub needs the owner’s password, and exactly one owner exists at every moment', async () => {
  const { olga, ada, mo } = await createTeam()
  const hand = (by: TestUser, userId: string, secret = password) =>
    by.request('admin.ownership.transfer', { userId, password: secret })
  await expect(hand(ada, mo.id)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(hand(olga, mo.id, 'not the password')).rejects.toMatchObject({
    code: 'forbidden',
    error: { field: 'password' },
  })
  await expect(hand(olga, olga.id)).rejects.toMatchObject({ code: 'invalid' })
  await expect(hand(olga, 'nobody')).rejects.toMatchObject({ code: 'not_found' })
  const outcomes = await Promise.allSettled([hand(olga, mo.id), hand(olga, ada.id)])
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const { users } = await ada.request('users.list', {})
  expect(users.filter(({ role }) => role === 'owner')).toHaveLength(1)
  expect((await olga.request('me.get', {})).user.role).toBe('admin')
})

test('ending a user’s sessions closes their sockets, and the user can log in again', async () => {
  const { hub, ada, mo } = await createTeam()
  await TestUser.login(hub.url, 'mo')
  const live = await mo.connect()
  expect(await ada.request('admin.users.sessions.end', { userId: mo.id })).toEqual({ ended: 2 })
  expect(await live.whenClosed()).toMatchObject({ code: 4401 })
  await TestUser.login(hub.url, 'mo')
})

test('the list of invites shows who created them and who registered with them, and never the code', async () => {
  const { hub, olga, ada } = await createTeam()
  const { invite } = await ada.request('admin.invites.create', { uses: 2, days: 3 })
  const zoe = await TestUser.register(hub.url, { username: 'zoe', invite })
  const { invites } = await olga.request('admin.invites.list', {})
  expect(invites[0]).toMatchObject({
    role: 'member',
    state: 'open',
    uses: 2,
    used: 1,
    createdBy: { id: ada.id },
    users: [{ id: zoe.id }],
  })
  expect(JSON.stringify(invites)).not.toContain(invite)
  const inviteId = invites[0]?.id ?? ''
  await olga.request('admin.invites.revoke', { inviteId })
  await olga.request('admin.invites.revoke', { inviteId })
  await expect(TestUser.register(hub.url, { username: 'yan', invite })).rejects.toMatchObject({
    code: 'forbidden',
  })
  const { invites: after } = await olga.request('admin.invites.list', { limit: 1 })
  expect(after).toMatchObject([{ state: 'revoked' }])
  const next = await olga.request('admin.invites.list', { after: inviteId, limit: 50 })
  expect(next.invites.map(({ id }) => id)).not.toContain(inviteId)
  await expect(olga.request('admin.invites.revoke', { inviteId: 'x' })).rejects.toMatchObject({
    code: 'not_found',
  })
})

test('of a private group the owner and admins of the hub see that it exists and nothing more', async () => {
  const { olga, mo, pim } = await createTeam()
  const secret = await mo.createGroup('Plans', [pim])
  await mo.sendMessage(secret.id, 'hush')
  const open = await mo.createGroup('Lounge', [pim], 'public')
  await mo.sendMessage(open.id, 'hello')
  const { groups, total } = await olga.request('admin.groups.list', {})
  expect(total).toBe(2)
  expect(groups).toEqual([
    {
      id: open.id,
      name: 'Lounge',
      visibility: 'public',
      memberCount: 2,
      posting: 'all',
      messages: 1,
      members: [
        { userId: mo.id, role: 'owner' },
        { userId: pim.id, role: 'member' },
      ],
    },
    { id: secret.id, name: 'Plans', visibility: 'private', memberCount: 2 },
  ])
  expect((await olga.request('admin.groups.list', { query: 'loU' })).groups).toHaveLength(1)
})

test('an admin of the hub moderates a public group as an outsider, and the list of groups shows its properties', async () => {
  const { ada, mo, pim } = await createTeam()
  const open = await mo.createGroup('Lounge', [pim], 'public')
  const changed = await ada.request('chats.update', {
    chatId: open.id,
    name: 'Quiet room',
    topic: 'No shouting',
    posting: 'admins',
  })
  expect(changed).toEqual({})
  await ada.request('chats.archive', { chatId: open.id })
  const { groups } = await ada.request('admin.groups.list', {})
  expect(groups).toMatchObject([
    { id: open.id, name: 'Quiet room', topic: 'No shouting', posting: 'admins', archived: true },
  ])
  await ada.request('chats.unarchive', { chatId: open.id })
  expect((await mo.request('chats.get', { chatId: open.id })).chat.name).toBe('Quiet room')
})

test('an owner or admin of the hub can delete a private group without reading it, and only they can restore it', async () => {
  const { olga, ada, mo, pim } = await createTeam()
  const secret = await mo.createGroup('Plans', [pim])
  await mo.sendMessage(secret.id, 'hush')
  const live = await pim.connect()
  await expect(mo.request('admin.groups.delete', { chatId: secret.id })).rejects.toThrow('forbidden')
  await ada.request('admin.groups.delete', { chatId: secret.id })
  expect(await live.nextEntry('chat.removed')).toMatchObject({ chatId: secret.id, reason: 'deleted' })
  await expect(ada.request('admin.groups.delete', { chatId: secret.id })).rejects.toThrow('not_found')
  expect((await ada.request('admin.groups.list', {})).total).toBe(0)
  // the owner of the group cannot restore what an admin deleted
  expect((await mo.request('chats.listDeleted', {})).chats).toEqual([])
  await expect(mo.request('chats.undelete', { chatId: secret.id })).rejects.toThrow('not_found')
  const { groups } = await olga.request('admin.groups.list', { deleted: 'only' })
  expect(groups).toEqual([
    {
      id: secret.id,
      name: 'Plans',
      visibility: 'private',
      memberCount: 2,
      until: expect.any(Number) as number,
    },
  ])
  expect(await olga.request('admin.groups.undelete', { chatId: secret.id })).toBeUndefined()
  expect(await live.nextEntry('chat.added')).toMatchObject({ chat: { id: secret.id } })
  expect((await mo.request('messages.list', { chatId: secret.id })).messages).toMatchObject([
    { text: 'hush' },
  ])
  await expect(ada.request('messages.list', { chatId: secret.id })).rejects.toThrow('not_found')
  const { rows } = await olga.request('admin.audit', { action: 'group.deleted' })
  expect(rows).toMatchObject([{ by: ada.id, target: secret.id, detail: { byHub: true, members: 2 } }])
  // admins know it by name, as in the list of groups
  expect(rows[0]?.targetName).toBe('Plans')
  // a group that its own owner deleted stays theirs, and is hidden from the owner and admins of the hub
  await mo.request('chats.delete', { chatId: secret.id })
  expect((await ada.request('admin.groups.list', { deleted: 'only' })).groups).toEqual([])
  const hidden = await ada.request('admin.audit', { action: 'group.deleted' })
  expect(hidden.rows).toMatchObject([{ target: secret.id }, { target: secret.id }])
  for (const { targetName } of hidden.rows) expect(targetName).toBeUndefined()
  const { rows: memberRows } = await ada.request('admin.audit', { action: 'member.added' })
  for (const { groupName } of memberRows) expect(groupName).not.toBe('Plans')
  await expect(ada.request('admin.groups.undelete', { chatId: secret.id })).rejects.toThrow('not_found')
  await mo.request('chats.undelete', { chatId: secret.id })
  // a direct chat is not a group
  const direct = await mo.openDirectChat(pim)
  await expect(ada.request('admin.groups.delete', { chatId: direct.id })).rejects.toThrow('not_found')
})

test('a hidden last-seen time is also hidden from the owner and admins, and a user who hides it cannot see others’', async () => {
  const { olga, ada, mo, pim } = await createTeam()
  for (const one of [ada, mo, pim]) await (await one.connect()).close()
  const seen = async (by: TestUser) =>
    Object.fromEntries(
      (await by.request('admin.users.list', {})).users.map(({ user, lastSeen, lastSeenHidden }) => [
        user.username,
        lastSeenHidden ? 'hidden' : typeof lastSeen,
      ]),
    )
  expect(await seen(olga)).toMatchObject({ ada: 'number', mo: 'number', pim: 'number' })
  await pim.request('me.update', { settings: { hideLastSeen: true } })
  expect(await seen(olga)).toMatchObject({ mo: 'number', pim: 'hidden' })
  await ada.request('me.update', { settings: { hideLastSeen: true } })
  expect(await seen(ada)).toMatchObject({ ada: 'number', mo: 'hidden', pim: 'hidden' })
})

test('only the owner can set the maximum group size, and every way to add members enforces it', async () => {
  const { olga, ada, mo, pim } = await createTeam()
  await expect(ada.request('admin.settings.update', { groupMembers: 2 })).rejects.toMatchObject({
    code: 'forbidden',
    error: { field: 'groupMembers' },
  })
  const before = await mo.createGroup('Before', [pim, ada], 'public')
  await olga.request('admin.settings.update', { groupMembers: 2 })
  await expect(mo.createGroup('Three', [pim, ada])).rejects.toThrow('A group can have at most 2 members.')
  const two = await mo.createGroup('Two', [pim], 'public')
  await expect(mo.request('members.add', { chatId: two.id, userId: ada.id })).rejects.toThrow('too_large')
  await expect(ada.request('chats.join', { chatId: two.id })).rejects.toThrow('too_large')
  // a group that is already larger keeps working
  await mo.sendMessage(before.id, 'three of us')
  const { rows } = await olga.request('admin.audit', { action: 'hub.settings-changed' })
  expect(rows[0]).toMatchObject({ detail: { changed: 'groupMembers', groupMembers: 2 } })
})

test('storage and health report sizes and whether something needs attention', async () => {
  const { hub, olga, mo } = await createTeam()
  const chat = await mo.createGroup('Lounge')
  await mo.sendMessage(chat.id, 'hello')
  const storage = await olga.request('admin.storage', {})
  expect(storage).toMatchObject({ messages: 1, users: 4, chats: 1 })
  expect(storage.database + storage.journal).toBeGreaterThan(0)
  expect(storage.disk.total).toBeGreaterThan(storage.disk.free)
  const before = await olga.request('admin.health', {})
  expect(before).toMatchObject({ backup: { state: 'attention' }, audit: { state: 'good' } })
  expect(before.backup.at).toBeUndefined()
  writeFileSync(join(hub.dataDir, 'last-backup'), `${before.now}\n`)
  expect(await olga.request('admin.health', {})).toMatchObject({
    backup: { state: 'good', at: before.now },
  })
  // as anyone with access to the file could do it
  await hub.hub.store.writer.write(async ({ db }) => {
    await db.deleteFrom('audit').where('id', '=', 3).execute()
  })
  expect(await olga.request('admin.health', {})).toMatchObject({ audit: { state: 'bad', brokenAt: 4 } })
})

test('the audit log records who did what, filters and pages', async () => {
  const { olga, ada, mo } = await createTeam()
  await ada.request('admin.users.update', { userId: mo.id, deactivated: true })
  await expect(TestUser.login(ada.url, 'ada', 'not the password')).rejects.toMatchObject({
    code: 'unauthenticated',
  })
  await expect(TestUser.login(ada.url, 'secret-typed-here')).rejects.toMatchObject({
    code: 'unauthenticated',
  })
  const all = await olga.request('admin.audit', {})
  expect(all.actions).toEqual([...auditActions])
  expect(all.rows.slice(0, 3)).toMatchObject([
    { action: 'login.failed', address: '127.0.0.1' },
    { action: 'login.failed', target: ada.id },
    { action: 'user.deactivated', by: ada.id, byName: 'ada', target: mo.id, targetName: 'mo' },
  ])
  expect(all.rows.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['hub.set-up', 'invite.created', 'invite.used', 'user.registered']),
  )
  expect(JSON.stringify(all.rows)).not.toContain('secret-typed-here')
  const mine = await olga.request('admin.audit', { by: ada.id, action: 'user.deactivated' })
  expect(mine.rows).toHaveLength(1)
  const at = mine.rows[0]?.at ?? 0
  expect((await olga.request('admin.audit', { after: at + 60_000 })).rows).toEqual([])
  expect((await olga.request('admin.audit', { before: 1 })).rows).toEqual([])
  const first = await olga.request('admin.audit', { limit: 2 })
  expect(first.more).toBe(true)
  const second = await olga.request('admin.audit', { limit: 2, cursor: first.rows[1]?.id ?? 0 })
  expect(second.rows[0]?.id).toBe((first.rows[1]?.id ?? 0) - 1)
})

test('the audit entry of a deleted private group does not contain its name', async () => {
  const { olga, mo } = await createTeam()
  const secret = await mo.createGroup('Plans for the strike')
  await mo.request('chats.delete', { chatId: secret.id })
  expect(JSON.stringify(await olga.request('admin.audit', {}))).not.toContain('strike')
})

test('the audit log exports as CSV without spreadsheet formulas, and the export is itself logged', async () => {
  const { hub, olga, mo } = await createTeam()
  const { invite } = await olga.request('admin.invites.create', {})
  await TestUser.register(hub.url, { username: 'eve', displayName: '=HYPERLINK("x")', invite })
  const { invite: second } = await olga.request('admin.invites.create', {})
  await TestUser.register(hub.url, { username: 'eva', displayName: '＝1+1', invite: second })
  const fetchCsv = (user: TestUser | undefined, query = '') =>
    fetch(`${hub.url}/api/admin/audit.csv${query}`, {
      headers: user ? { authorization: `Bearer ${user.token}` } : {},
    })
  expect((await fetchCsv(undefined)).status).toBe(401)
  expect((await fetchCsv(mo)).status).toBe(403)
  expect((await fetchCsv(olga, '?colour=red')).status).toBe(400)
  const response = await fetchCsv(olga, '?action=user.registered')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('text/csv')
  expect(response.headers.get('content-disposition')).toContain('attachment')
  const text = await response.text()
  const lines = text.trim().split('\r\n')
  expect(lines[0]).toContain('"action"')
  expect(lines).toHaveLength(1 + 5)
  expect(text).toContain(`"'=HYPERLINK(""x"")"`)
  expect(text).not.toContain('"=HYPERLINK')
  expect(text).toContain(`"'＝1+1"`)
  const { rows } = await olga.request('admin.audit', { limit: 1 })
  expect(rows[0]).toMatchObject({ action: 'audit.exported', by: olga.id, detail: { filtered: true } })
})

test('a page of another origin cannot make a browser download the audit log', async () => {
  const { hub } = await createTeam()
  const login = await fetch(`${hub.url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: hub.url },
    body: JSON.stringify({ username: 'olga', password }),
  })
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''
  const from = (site: string) =>
    fetch(`${hub.url}/api/admin/audit.csv`, { headers: { cookie, 'sec-fetch-site': site } })
  expect((await from('cross-site')).status).toBe(403)
  expect((await from('same-origin')).status).toBe(200)
})

const createResetLink = async (by: TestUser, user: TestUser) =>
  (await by.request('admin.users.createResetLink', { userId: user.id })).url.split('#')[1] ?? ''

async function resetPassword({ hub }: Team, resetToken: string): Promise<string> {
  const input = { resetToken, password: 'seven quiet otters' }
  const { body } = await rawRequest(hub.url, undefined, 'recovery.reset', input)
  return (body as { error?: { code: string } }).error?.code ?? 'ok'
}

test('a reset link created for a member does not work after the member becomes admin or owner', async () => {
  const here = await createTeam()
  const { olga, ada, mo, pim } = here
  const toAdmin = await createResetLink(ada, mo)
  await olga.request('admin.users.update', { userId: mo.id, role: 'admin' })
  expect(await resetPassword(here, toAdmin)).toBe('unauthenticated')
  const toOwner = await createResetLink(ada, pim)
  await olga.request('admin.ownership.transfer', { userId: pim.id, password })
  expect(await resetPassword(here, toOwner)).toBe('unauthenticated')
  await pim.request('me.get', {})
})

test('invites and reset links stop working when their creator loses the role needed for them, and no others do', async () => {
  const here = await createTeam()
  const { hub, olga, ada, mo, pim } = here
  const joins = (invite: string, username: string) =>
    rawRequest(hub.url, undefined, 'accounts.register', { username, password, invite }).then(
      ({ status }) => status,
    )
  const { invite: adas } = await ada.request('admin.invites.create', { uses: 5 })
  const { invite: admins } = await olga.request('admin.invites.create', { role: 'admin', uses: 5 })
  const { invite: members } = await olga.request('admin.invites.create', { uses: 5 })
  const link = await createResetLink(ada, pim)
  await olga.request('admin.users.update', { userId: mo.id, deactivated: true })
  expect(await joins(adas, 'one')).toBe(201)
  await olga.request('admin.users.update', { userId: ada.id, role: 'member' })
  expect(await joins(adas, 'two')).toBe(403)
  expect(await resetPassword(here, link)).toBe('unauthenticated')
  await olga.request('admin.ownership.transfer', { userId: pim.id, password })
  expect(await joins(admins, 'three')).toBe(403)
  expect(await joins(members, 'four')).toBe(201)
  await pim.request('admin.users.update', { userId: olga.id, deactivated: true })
  expect(await joins(members, 'five')).toBe(403)
  const { rows } = await pim.request('admin.audit', { action: 'invite.revoked' })
  expect(rows.map(({ by }) => by)).toEqual([pim.id, olga.id, olga.id])
})
