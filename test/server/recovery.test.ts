import { expect, test } from 'vitest'
import { closeCodes } from '../../shared/contract/live.ts'
import { securityQuestions } from '../../shared/text/security-questions.ts'
import { resetOwner } from '../../server/recovery/reset-owner.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { password, TestUser, rawRequest, RequestError, request } from '../support/test-user.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const newPassword = 'seven quiet otters'
const securityQuestionInput = { securityQuestion: 'Who lives upstairs?', securityAnswer: 'The  OWL' }

interface RecoveryResult {
  status: number
  code: string
  field: string | undefined
  output: Record<string, string>
}

async function sendRequest(
  hub: TestHub,
  name: string,
  input: Record<string, unknown>,
): Promise<RecoveryResult> {
  const { status, body } = await rawRequest(hub.url, undefined, name, input)
  const { code = 'ok', field } = (body as { error?: { code?: string; field?: string } }).error ?? {}
  return { status, code, field, output: body as Record<string, string> }
}

/** An open hub with olga, its owner, and ann, who has a security question. */
async function startOpenHub() {
  const clock = { now: 1_800_000_000_000 }
  const hub = await startTestHub({ clock: () => clock.now })
  const olga = await hub.setUp('olga')
  await olga.request('admin.settings.update', { registration: 'open' })
  const ann = await TestUser.register(hub.url, { username: 'ann', ...securityQuestionInput })
  return { hub, olga, ann, clock }
}

const getQuestion = async (hub: TestHub, username: string) =>
  (await request(hub.url, undefined, 'recovery.question', { username })).question

const answerQuestion = (hub: TestHub, username: string, answer: string) =>
  sendRequest(hub, 'recovery.answer', { username, answer })

const resetPassword = (hub: TestHub, resetToken: string | undefined, secret = newPassword) =>
  sendRequest(hub, 'recovery.reset', { resetToken, password: secret })

async function auditActions(hub: TestHub): Promise<string[]> {
  const rows = await hub.hub.store.read((db) =>
    db.selectFrom('audit').select('action').orderBy('id').execute(),
  )
  return rows.map(({ action }) => action)
}

test('the right answer allows a new password, issues a new recovery key and ends all other sessions and tokens', async () => {
  const { hub, ann, clock } = await startOpenHub()
  const live = await ann.connect()
  const { token } = await ann.request('tokens.create', { name: 'script', scope: 'read' })
  expect(await getQuestion(hub, ' ANN ')).toBe('Who lives upstairs?')
  const { output, code } = await answerQuestion(hub, 'ANN', 'the owl ')
  expect(code).toBe('ok')
  const done = await resetPassword(hub, output['resetToken'])
  expect(done.output).toEqual({
    username: 'ann',
    recoveryKey: expect.stringMatching(/^[0-9a-z]{4}(-[0-9a-z]{4}){7}$/) as string,
  })
  expect((await live.whenClosed()).code).toBe(closeCodes.sessionEnded)
  await expect(ann.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(request(hub.url, token, 'me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(await sendRequest(hub, 'accounts.login', { username: 'ann', password })).toMatchObject({
    code: 'unauthenticated',
  })
  // the old recovery key is replaced together with the password
  expect(
    await sendRequest(hub, 'recovery.key', { username: 'ann', recoveryKey: ann.recoveryKey }),
  ).toMatchObject({
    code: 'unauthenticated',
  })
  const back = await TestUser.login(hub.url, 'ann', newPassword)
  expect((await back.request('me.get', {})).recovered).toEqual({
    way: 'question',
    at: clock.now,
    address: '127.0.0.1',
  })
  await back.request('me.dismissRecoveryNotice', {})
  expect(await back.request('me.get', {})).not.toHaveProperty('recovered')
  expect(await auditActions(hub)).toEqual(
    expect.arrayContaining(['recovery.question-answered', 'recovery.completed', 'recovery.key-failed']),
  )
})

test('a reset token works once, and completing a reset invalidates all earlier ones', async () => {
  const { hub, ann } = await startOpenHub()
  const first = (await answerQuestion(hub, 'ann', 'the owl')).output['resetToken']
  const second = (await sendRequest(hub, 'recovery.key', { username: 'ann', recoveryKey: ann.recoveryKey }))
    .output['resetToken']
  expect(await resetPassword(hub, first)).toMatchObject({
    status: 401,
    code: 'unauthenticated',
    field: 'resetToken',
  })
  const both = await Promise.all([
    resetPassword(hub, second),
    resetPassword(hub, second, 'another quiet otter'),
  ])
  expect(both.map(({ code }) => code).sort()).toEqual(['ok', 'unauthenticated'])
  expect(await resetPassword(hub, second)).toMatchObject({ code: 'unauthenticated' })
  expect(await resetPassword(hub, '')).toMatchObject({ code: 'unauthenticated' })
})

test('a rejected password leaves the reset token valid', async () => {
  const { hub, ann } = await startOpenHub()
  const typed = ` ${ann.recoveryKey.toUpperCase().replaceAll('-', ' ')} `
  const { output } = await sendRequest(hub, 'recovery.key', { username: 'Ann', recoveryKey: typed })
  for (const bad of ['short', 'password123', 'Ann Ann Ann 2024']) {
    expect(await resetPassword(hub, output['resetToken'], bad)).toMatchObject({
      code: 'invalid',
      field: 'password',
    })
  }
  expect((await resetPassword(hub, output['resetToken'])).code).toBe('ok')
})

test('a reset token expires after 15 minutes and a reset link after 60', async () => {
  const { hub, olga, ann, clock } = await startOpenHub()
  const { output } = await answerQuestion(hub, 'ann', 'the owl')
  clock.now += 15 * minuteMs
  expect(await resetPassword(hub, output['resetToken'])).toMatchObject({ code: 'unauthenticated' })
  await olga.request('sessions.reauthenticate', { current: password })
  const { url } = await olga.request('admin.users.createResetLink', { userId: ann.id })
  clock.now += 60 * minuteMs
  expect(await resetPassword(hub, url.split('#')[1])).toMatchObject({ code: 'unauthenticated' })
})

test('the custom security question of a pending user is never shown, even for their own username', async () => {
  const { hub, olga } = await startOpenHub()
  await olga.request('admin.settings.update', { registration: 'approval' })
  const words = { securityQuestion: 'Call 555 to get back in', securityAnswer: 'now' }
  const una = await TestUser.register(hub.url, { username: 'una', ...words })
  for (const name of ['una', 'nobody', 'someone', 'anybody', 'ann']) {
    expect(await getQuestion(hub, name)).toBe('Who lives upstairs?')
  }
  expect((await answerQuestion(hub, 'una', 'now')).code).toBe('unauthenticated')
  await olga.request('admin.requests.accept', { userId: una.id })
  expect(await getQuestion(hub, 'una')).toBe('Call 555 to get back in')
})

test('the hub stores no recovery secret in plain text', async () => {
  const { hub, olga, ann } = await startOpenHub()
  const { url } = await olga.request('admin.users.createResetLink', { userId: ann.id })
  expect(url).toMatch(new RegExp(`^${hub.url}/reset#[\\w-]{43}$`))
  const rows = [
    ...(await hub.hub.store.read((db) => db.selectFrom('resetToken').selectAll().execute())),
    ...(await hub.hub.store.read((db) => db.selectFrom('audit').selectAll().execute())),
  ]
  expect(rows.length).toBeGreaterThan(1)
  expect(JSON.stringify(rows.map((row) => Object.values(row).map(String)))).not.toContain(url.split('#')[1])
})

test('an unknown username gets a decoy question that is the same each time, after a restart too', async () => {
  const { hub, olga, ann } = await startOpenHub()
  const bo = await TestUser.register(hub.url, { username: 'bo' })
  const gone = await TestUser.register(hub.url, { username: 'gone', ...securityQuestionInput })
  await hub.hub.store.writer.write(({ db, now }) =>
    db.updateTable('user').set({ deactivatedAt: now }).where('id', '=', gone.id).execute(),
  )
  await olga.request('me.recovery', { current: password, ...securityQuestionInput })
  await hub.hub.store.writer.write(({ db }) =>
    db.updateTable('user').set({ role: 'admin' }).where('id', '=', bo.id).execute(),
  )
  await bo.request('me.recovery', { current: password, ...securityQuestionInput })
  const names = ['nobody', 'bo', 'gone', 'olga', '-', '__proto__', 'half\ud800']
  const before = await Promise.all(names.map((name) => getQuestion(hub, name)))
  const six = securityQuestions.map(({ text }) => text)
  // users chose this question only; olga, bo and gone have none
  for (const requested of before) expect(requested).toBe('Who lives upstairs?')
  await ann.request('me.recovery', { current: password })
  const many = await Promise.all(Array.from({ length: 20 }, (_, i) => getQuestion(hub, `nobody${i}`)))
  for (const pending of many) expect(six).toContain(pending)
  // the decoy differs between names: a decoy shared by all would stand out from a chosen question
  expect(new Set(many).size).toBeGreaterThan(2)
  await ann.request('me.recovery', { current: password, ...securityQuestionInput })
  const again = await hub.restart()
  expect(await Promise.all(names.map((name) => getQuestion(again, name)))).toEqual(before)
  expect(await getQuestion(again, 'NOBODY ')).toBe(before[0])
  expect(await getQuestion(again, ann.user.username)).toBe('Who lives upstairs?')
})

test('unknown usernames get a custom question as decoy as often as users chose it', async () => {
  const hub = await startTestHub({ loadTest: true })
  const olga = await hub.setUp('olga')
  await olga.request('admin.settings.update', { registration: 'open' })
  const chosen = ['first-pet', 'first-pet', 'Who lives upstairs?', 'Which song was it?']
  for (const [i, securityQuestion] of chosen.entries()) {
    await TestUser.register(hub.url, { username: `ann${i}`, securityQuestion, securityAnswer: 'the owl' })
  }
  const names = Array.from({ length: 400 }, (_, i) => `stranger${i}`)
  const ask400 = () => Promise.all(names.map((name) => getQuestion(hub, name)))
  const before = await ask400()
  const share = (text: string) => before.filter((requested) => requested === text).length / names.length
  // a quarter each and a half: the tolerance is six standard deviations, since the secret differs in every run
  for (const text of ['Who lives upstairs?', 'Which song was it?']) {
    expect(Math.abs(share(text) - 0.25), text).toBeLessThan(0.13)
  }
  expect(Math.abs(share('What was the name of your first pet?') - 0.5)).toBeLessThan(0.15)
  // after another registration, a decoy changes only to the question of the new user
  await TestUser.register(hub.url, {
    username: 'new',
    securityQuestion: 'What is on the shelf?',
    securityAnswer: 'the owl',
  })
  const after = await ask400()
  const changed = after.filter((requested, i) => requested !== before[i])
  expect(new Set(changed)).toEqual(new Set(['What is on the shelf?']))
})

test('a wrong answer, an unknown username and a user without a usable question get the same response after the same work', async () => {
  const { hub, olga } = await startOpenHub()
  await olga.request('me.recovery', { current: password, ...securityQuestionInput })
  await TestUser.register(hub.url, { username: 'bo' })
  for (const [username, answer] of [
    ['ann', 'the cat'],
    ['nobody', 'the owl'],
    ['olga', 'the owl'],
    ['bo', '-'],
  ]) {
    const before = { ...hub.hub.passwords.counts }
    const audited = (await auditActions(hub)).length
    const rejected = await rawRequest(hub.url, undefined, 'recovery.answer', { username, answer })
    expect(rejected.status).toBe(401)
    expect(rejected.body).toEqual({
      error: { code: 'unauthenticated', message: 'Wrong answer.', field: 'answer' },
    })
    expect(hub.hub.passwords.counts).toEqual({ ...before, verified: before.verified + 1 })
    expect((await auditActions(hub)).slice(audited)).toEqual(['recovery.question-failed'])
  }
})

test('five wrong answers in a day block recovery by question for that username and nothing else', async () => {
  const { hub, ann, clock } = await startOpenHub()
  for (const name of ['ann', 'nobody']) {
    for (let i = 0; i < 5; i += 1) {
      expect((await answerQuestion(hub, i % 2 ? name : name.toUpperCase(), 'the cat')).code).toBe(
        'unauthenticated',
      )
    }
    expect(await answerQuestion(hub, name, 'the owl')).toMatchObject({ status: 429, code: 'rate_limited' })
  }
  const again = await hub.restart()
  expect((await answerQuestion(again, 'ann', 'the owl')).code).toBe('rate_limited')
  expect((await TestUser.login(again.url, 'ann')).id).toBe(ann.id)
  expect(
    (await sendRequest(again, 'recovery.key', { username: 'ann', recoveryKey: ann.recoveryKey })).code,
  ).toBe('ok')
  clock.now += dayMs
  expect((await answerQuestion(again, 'ann', 'the owl')).code).toBe('ok')
})

test('of a hundred concurrent guesses five are checked', async () => {
  const { hub } = await startOpenHub()
  const before = hub.hub.passwords.counts.verified
  const codes = await Promise.all(
    Array.from({ length: 100 }, async (_, i) => (await answerQuestion(hub, 'ann', `guess ${i}`)).code),
  )
  expect(codes.filter((code) => code === 'unauthenticated')).toHaveLength(5)
  expect(hub.hub.passwords.counts.verified - before).toBe(5)
})

test('an address can send twenty answers a day over all usernames', async () => {
  const { hub } = await startOpenHub()
  for (let i = 0; i < 20; i += 1) {
    expect((await answerQuestion(hub, `name${i}`, 'the cat')).code).toBe('unauthenticated')
  }
  expect((await answerQuestion(hub, 'ann', 'the owl')).code).toBe('rate_limited')
})

test('the owner can turn questions off: every username then gets a decoy, and no answer is accepted', async () => {
  const { hub, olga } = await startOpenHub()
  const { output } = await answerQuestion(hub, 'ann', 'the owl')
  await olga.request('admin.settings.update', { recoveryByQuestion: false })
  expect((await request(hub.url, undefined, 'hub.meta', {})).recoveryByQuestion).toBe(false)
  expect(await getQuestion(hub, 'ann')).not.toBe('Who lives upstairs?')
  expect((await answerQuestion(hub, 'ann', 'the owl')).code).toBe('unauthenticated')
  expect((await resetPassword(hub, output['resetToken'])).code).toBe('unauthenticated')
  await olga.request('admin.settings.update', { recoveryByQuestion: true })
  expect((await answerQuestion(hub, 'ann', 'the owl')).code).toBe('ok')
})

test('a user who became an admin cannot recover with an answer given before', async () => {
  const { hub, ann } = await startOpenHub()
  const { output } = await answerQuestion(hub, 'ann', 'the owl')
  await hub.hub.store.writer.write(({ db }) =>
    db.updateTable('user').set({ role: 'admin' }).where('id', '=', ann.id).execute(),
  )
  expect((await resetPassword(hub, output['resetToken'])).code).toBe('unauthenticated')
})

test('security question and recovery key change only with the password, and a change invalidates open resets', async () => {
  const { hub, ann } = await startOpenHub()
  for (const [name, input] of [
    ['me.recovery', { ...securityQuestionInput }],
    ['me.createRecoveryKey', {}],
    ['me.password', { password: newPassword }],
  ] as const) {
    await expect(ann.request(name, { current: 'not hers at all', ...input })).rejects.toMatchObject({
      code: 'forbidden',
      error: { field: 'current' },
    })
  }
  const { output } = await answerQuestion(hub, 'ann', 'the owl')
  await ann.request('me.recovery', {
    current: password,
    securityQuestion: 'first-pet',
    securityAnswer: 'Rex',
  })
  expect((await resetPassword(hub, output['resetToken'])).code).toBe('unauthenticated')
  expect(await getQuestion(hub, 'ann')).toBe('What was the name of your first pet?')
  expect((await ann.request('me.get', {})).securityQuestion).toBe('What was the name of your first pet?')
  expect((await answerQuestion(hub, 'ann', 'the owl')).code).toBe('unauthenticated')
  expect((await answerQuestion(hub, 'ann', 'rex')).code).toBe('ok')
  const { recoveryKey } = await ann.request('me.createRecoveryKey', { current: password })
  const byKey = (key: string) => sendRequest(hub, 'recovery.key', { username: 'ann', recoveryKey: key })
  expect((await byKey(ann.recoveryKey)).code).toBe('unauthenticated')
  expect((await byKey(recoveryKey)).code).toBe('ok')
  await ann.request('me.recovery', { current: password })
  expect(await ann.request('me.get', {})).not.toHaveProperty('securityQuestion')
  expect((await answerQuestion(hub, 'ann', 'rex')).code).toBe('unauthenticated')
})

test('a new password ends the other sessions and notifies them, and guesses of the old one are limited', async () => {
  const { hub, ann } = await startOpenHub()
  const other = await TestUser.login(hub.url, 'ann')
  const live = await other.connect()
  const here = await ann.connect()
  await ann.request('me.password', { current: password, password: newPassword })
  expect((await live.whenClosed()).code).toBe(closeCodes.sessionEnded)
  await expect(other.request('me.get', {})).rejects.toMatchObject({ code: 'unauthenticated' })
  expect((await ann.request('me.get', {})).user.id).toBe(ann.id)
  expect(await here.requestAny('me.get', {})).toBeDefined()
  const { sessions } = await ann.request('sessions.list', {})
  expect(sessions.map(({ current }) => current)).toEqual([true])
  expect((await TestUser.login(hub.url, 'ann', newPassword)).id).toBe(ann.id)
  const codes: string[] = []
  for (let i = 0; i < 11; i += 1) {
    codes.push(
      await ann.request('me.createRecoveryKey', { current: 'a wrong password' }).then(
        () => 'ok',
        (error: unknown) => (error as RequestError).code,
      ),
    )
  }
  expect(codes.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'forbidden'))
  expect(codes[10]).toBe('rate_limited')
  expect((await auditActions(hub)).filter((action) => action === 'password.changed')).toHaveLength(1)
})

test.each([
  ['password123', 'common'],
  ['QWERTYUIOP', 'common'],
  ['1q2w3e4r5t', 'common'],
  ['iloveyou 123', 'common with a space'],
  ['Test team 2026!', 'the hub'],
  ['elizabeth-ii', 'the name'],
  ['Elizabeth.II.99', 'the name with digits'],
  ['Queen of Spades', 'the display name'],
])('the password “%s” is rejected: %s', async (secret) => {
  const { hub } = await startOpenHub()
  const account = { username: 'Elizabeth-II', displayName: 'Queen of Spades' }
  expect(await sendRequest(hub, 'accounts.register', { ...account, password: secret })).toMatchObject({
    code: 'invalid',
    field: 'password',
  })
  const elizabeth = await TestUser.register(hub.url, account)
  await expect(
    elizabeth.request('me.password', { current: password, password: secret }),
  ).rejects.toMatchObject({ code: 'invalid', error: { field: 'password' } })
})

test('a reset key written to the files of a stopped hub lets its owner back in once', async () => {
  const { hub, olga, clock } = await startOpenHub()
  const { dataDir, database } = hub
  await expect(resetOwner(dataDir, () => clock.now, database)).rejects.toThrow('Another hub is running')
  await expect(resetOwner(`${dataDir}/elsewhere`, Date.now, database)).rejects.toThrow('There is no hub')
  await hub.close()
  const { username, token } = await resetOwner(dataDir, () => clock.now, database)
  expect(username).toBe('olga')
  const again = await hub.restart()
  expect((await olga.atUrl(again.url).request('me.get', {})).user.id).toBe(olga.id)
  expect((await resetPassword(again, token)).code).toBe('ok')
  expect((await resetPassword(again, token)).code).toBe('unauthenticated')
  const back = await TestUser.login(again.url, 'olga', newPassword)
  expect((await back.request('me.get', {})).recovered?.way).toBe('owner')
  expect(await auditActions(again)).toEqual(
    expect.arrayContaining(['recovery.owner-reset', 'recovery.completed']),
  )
})
