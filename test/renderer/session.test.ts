import { describe, expect, test } from 'vitest'
import { settle, waitUntil } from './support/manual-clock.ts'
import { me } from './support/fake-hub.ts'
import { FakeBrowser, waitUntilLive } from './support/fake-browser.ts'
import { verifySync } from './support/verify-sync.ts'

const password = { username: 'me', password: 'correct horse' }

describe('logging in', () => {
  test('a hub without an owner opens set-up and shows the recovery key before the shell', async () => {
    const browser = new FakeBrowser()
    browser.hub.needsSetup = true
    browser.hub.session = undefined
    const page = browser.openTab()
    expect(page.session.status.value).toBe('loading')
    await page.start()
    expect(page.session.status.value).toBe('setup')
    const { recoveryKey } = await page.session.setup({ code: 'code', hubName: 'Hub', ...password })
    expect(recoveryKey).toBe('key')
    expect(page.session.status.value).toBe('setup')
    await page.session.enterHub()
    expect(page.session.status.value).toBe('in')
    expect(page.meta.value?.needsSetup).toBe(false)
    await waitUntilLive(page)
  })

  test('logs in by username and password, and sends the CSRF token with requests', async () => {
    const browser = new FakeBrowser()
    const { hub } = browser
    hub.session = undefined
    const page = browser.openTab()
    await page.start()
    expect(page.session.status.value).toBe('out')
    expect(() => page.chats).toThrow('Nobody is logged in')
    await page.session.login(password)
    expect(page.session.me.value?.id).toBe(me)
    await waitUntilLive(page)
    hub.isUp = false
    hub.disconnect(1006)
    hub.isUp = true
    await page.request('chats.readAll')
    const asked = hub.requests.find(({ name }) => name === 'chats.readAll')
    expect(asked).toMatchObject({ by: 'http', csrf: hub.session })
  })

  test('a tab at the login opens once it is shown, after another tab of the browser has logged in', async () => {
    const browser = new FakeBrowser()
    browser.hub.session = undefined
    const [first, second] = [browser.openTab(), browser.openTab()]
    await Promise.all([first.start(), second.start()])
    await first.session.login(password)
    await waitUntilLive(first)
    expect(second.session.status.value).toBe('out')
    browser.fireWake()
    await waitUntil(() => second.session.status.value === 'in', 'the shell')
    await waitUntilLive(second)
  })

  test('a wrong password is an error of the form', async () => {
    const browser = new FakeBrowser()
    browser.hub.session = undefined
    const page = browser.openTab()
    await page.start()
    browser.hub.refusals.push({ name: 'accounts.login', code: 'unauthenticated' })
    await expect(page.session.login(password)).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(page.session.status.value).toBe('out')
  })

  test('a pending user has no stores, polls, and enters the shell once accepted', async () => {
    const browser = new FakeBrowser()
    const { hub } = browser
    hub.isPending = true
    const page = browser.openTab()
    await page.start()
    expect(page.session.status.value).toBe('pending')
    expect(() => page.chats).toThrow('Nobody is logged in')
    hub.isUp = false
    await browser.clock.advance(30_000)
    expect(page.session.status.value).toBe('pending')
    hub.isUp = true
    hub.isPending = false
    await browser.clock.advance(10_000)
    await waitUntil(() => page.session.status.value === 'in', 'the shell')
    await waitUntilLive(page)
  })

  test('a declined user sees the reason at the login', async () => {
    const browser = new FakeBrowser()
    browser.hub.isPending = true
    const page = browser.openTab()
    await page.start()
    browser.hub.session = undefined
    await browser.clock.advance(10_000)
    await waitUntil(() => page.session.status.value === 'out', 'the login')
    expect(page.session.reason.value).toContain('Your request to join was declined')
  })

  test('a hub that does not respond is retried, and at once when the user asks', async () => {
    const browser = new FakeBrowser()
    browser.hub.isUp = false
    const page = browser.openTab()
    await page.start()
    expect(page.session.status.value).toBe('loading')
    expect(page.session.unreachable.value).toBe(true)
    await browser.clock.advance(120_000)
    expect(page.session.status.value).toBe('loading')
    browser.hub.isUp = true
    page.retryNow()
    await waitUntil(() => page.session.status.value === 'in', 'the shell')
    expect(page.session.unreachable.value).toBe(false)
  })
})

describe('without a connection', () => {
  test('a write before the session was checked waits for its CSRF token', async () => {
    const browser = new FakeBrowser()
    const { hub } = browser
    await (await browser.openConnectedTab()).close()
    const isChecked = Promise.withResolvers<void>()
    const page = browser.openTab({
      fetch: async (address, init) => {
        if (address === '/api/me') await isChecked.promise
        return hub.fetch(address, init)
      },
    })
    await page.start()
    expect(page.session.status.value).toBe('in')
    const reading = page.request('chats.readAll')
    await settle()
    isChecked.resolve()
    await reading
    const asked = hub.requests.find(({ name }) => name === 'chats.readAll')
    expect(asked).toMatchObject({ by: 'http', csrf: hub.session })
    await page.close()
  })

  test('a late response to the check of the session takes back no change that has arrived since', async () => {
    const browser = new FakeBrowser()
    const { hub } = browser
    await (await browser.openConnectedTab()).close()
    const isReleased = Promise.withResolvers<void>()
    let checks = 0
    const page = browser.openTab({
      fetch: async (address, init) => {
        const response = await hub.fetch(address, init)
        if (address === '/api/me') checks += 1
        if (address === '/api/me' && checks === 2) await isReleased.promise
        return response
      },
    })
    await page.start()
    await waitUntilLive(page)
    await page.request('me.update', { settings: { keywords: ['boat'] } })
    await waitUntil(() => page.session.settings.value.keywords !== undefined)
    isReleased.resolve()
    await settle()
    expect(checks).toBeGreaterThan(1)
    expect(page.session.settings.value).toEqual({ keywords: ['boat'] })
    await page.close()
  })

  test('the window opens with the cached conversation and updates it after reconnecting', async () => {
    const browser = new FakeBrowser()
    const { hub } = browser
    const chatId = hub.addChat('direct', ['u-ann', me])
    for (let i = 0; i < 120; i += 1) hub.sendMessage(chatId, 'u-ann', `message ${i}`)
    const before = await browser.openConnectedTab()
    before.chats.current.value = chatId
    const conversation = before.conversation(chatId)
    conversation.show()
    await waitUntil(() => conversation.status.value === 'ready', 'messages')
    hub.sendMessage(chatId, 'u-ann', 'the last of yesterday')
    await settle()
    await before.close()

    hub.isUp = false
    for (let i = 0; i < 3; i += 1) hub.sendMessage(chatId, 'u-ann', `today ${i}`)
    const page = browser.openTab()
    await page.start()
    expect(page.session.status.value).toBe('in')
    expect(page.meta.value?.name).toBe('Test hub')
    expect(page.chats.current.value).toBe(chatId)
    expect(page.chats.ready.value).toBe(true)
    expect(page.users.nameOf('u-ann')).toBe('ANN')
    const kept = page.conversation(chatId)
    kept.show()
    expect(kept.status.value).toBe('ready')
    expect(kept.items.value).toHaveLength(51)
    expect(kept.items.value.at(-1)?.text).toBe('the last of yesterday')
    expect(kept.hasOlder.value).toBe(true)

    hub.isUp = true
    browser.fireWake()
    await browser.clock.advance(60_000)
    await waitUntilLive(page)
    await waitUntil(() => kept.items.value.at(-1)?.text === 'today 2', 'today')
    await settle()
    verifySync(page, hub, [kept])
    expect(hub.requests.filter(({ name }) => name === 'messages.list')).toHaveLength(1)
  })

  test('a conversation that was never opened is offline, and loads after reconnecting', async () => {
    const browser = new FakeBrowser()
    const { hub } = browser
    const chatId = hub.addChat('direct', ['u-ann', me])
    hub.sendMessage(chatId, 'u-ann', 'hello')
    const page = await browser.openConnectedTab()
    hub.isUp = false
    hub.disconnect(1006)
    const conversation = page.conversation(chatId)
    conversation.show()
    expect(conversation.status.value).toBe('offline')
    hub.isUp = true
    await browser.clock.advance(1000)
    await waitUntil(() => conversation.status.value === 'ready', 'messages')
    verifySync(page, hub, [conversation])
  })

  test('drafts are restored in their chats', async () => {
    const browser = new FakeBrowser()
    const chatId = browser.hub.addChat('direct', ['u-ann', me])
    const page = await browser.openConnectedTab()
    page.conversation(chatId).setDraft('half a thou')
    await browser.clock.advance(1000)
    await settle()
    // The process ended without closing the page.
    const again = await browser.openConnectedTab()
    expect(again.conversation(chatId).draft.value).toBe('half a thou')
    expect(again.drafts.get(chatId)).toBe('half a thou')
  })
})

describe('logging out', () => {
  async function withSomethingOfEach() {
    const browser = new FakeBrowser()
    const { hub } = browser
    const chatId = hub.addChat('direct', ['u-ann', me])
    hub.sendMessage(chatId, 'u-ann', 'secret')
    const page = await browser.openConnectedTab()
    const conversation = page.conversation(chatId)
    conversation.show()
    await waitUntil(() => conversation.status.value === 'ready', 'messages')
    hub.refusals.push({ name: 'messages.send', code: 'busy', retryAfter: 600 })
    conversation.send('unsent')
    conversation.setDraft('draft')
    await browser.clock.advance(1000)
    await settle()
    return { browser, hub, page, chatId }
  }

  test('by the hub shows a reason, clears the cache and keeps unsent messages and drafts', async () => {
    const { browser, hub, page, chatId } = await withSomethingOfEach()
    hub.session = undefined
    hub.disconnect(4401)
    await browser.clock.advance(0)
    await waitUntil(() => page.session.status.value === 'out', 'the login')
    expect(page.session.reason.value).toContain('logged out')
    await settle()

    hub.isUp = false
    const offline = browser.openTab()
    await offline.start()
    expect(offline.session.status.value).toBe('loading')
    await offline.close()
    hub.isUp = true

    await page.session.login(password)
    expect(page.session.reason.value).toBeUndefined()
    await waitUntilLive(page)
    await waitUntil(() => hub.messages(chatId).length === 2, 'what was not sent')
    expect(page.drafts.get(chatId)).toBe('draft')
  })

  test('by the user clears everything except drafts', async () => {
    const { browser, hub, page, chatId } = await withSomethingOfEach()
    await page.session.logout()
    await settle()
    expect(page.session.status.value).toBe('out')
    expect(page.session.reason.value).toBeUndefined()
    expect(page.connectionState.value).toBe('stopped')
    expect(hub.session).toBeUndefined()
    await page.session.login(password)
    await waitUntilLive(page)
    await browser.clock.advance(700_000)
    expect(hub.messages(chatId)).toHaveLength(1)
    expect(page.drafts.get(chatId)).toBe('draft')
  })

  test('by the user offline ends the session at the next connection', async () => {
    const { browser, hub, page } = await withSomethingOfEach()
    hub.isUp = false
    hub.disconnect(1006)
    await page.session.logout()
    expect(page.session.status.value).toBe('out')
    expect(hub.session).toBeDefined()
    hub.isUp = true
    const again = browser.openTab()
    await again.start()
    expect(hub.session).toBeUndefined()
    expect(again.session.status.value).toBe('out')
  })
})
