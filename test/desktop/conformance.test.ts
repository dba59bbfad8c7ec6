// The behaviour of Electron that the app relies on, seen through a running app: the same on both drivers. If the real
// Electron disagrees, the stand-in is wrong and is corrected.
import { describe, expect, it } from 'vitest'
import { startTestHub } from '../support/hub.ts'
import { driver, launchApp } from './driver.ts'

describe('the behaviour the app relies on', () => {
  it('matches Electron on both drivers', async () => {
    const hub = await startTestHub()
    await hub.setUp()
    const app = await launchApp()
    const { page } = app

    // the page is a secure context with storage of its own
    expect(
      await page.evaluate(() => [
        window.isSecureContext,
        'indexedDB' in window,
        'locks' in navigator,
        window.top === window,
      ]),
    ).toEqual([true, true, true, true])

    // calls: values arrive, errors arrive as plain objects with code and sentence
    expect(await page.evaluate(() => window.hubbub?.settings.get())).toMatchObject({
      notifications: 'mentions',
    })
    const error = await page.evaluate(() => window.hubbub?.hubs.look('').catch((one: unknown) => one))
    expect(Object.keys(error as object).sort()).toEqual(['code', 'message'])

    // the handler of the scheme: methods, bodies byte by byte, statuses, headers, no body if none is allowed
    const { id } = (await page.evaluate((url) => window.hubbub?.hubs.add(url, 'local'), hub.url)) as {
      id: string
    }
    const responses = await page.evaluate(async (base) => {
      const json = { 'content-type': 'application/json' }
      const body = JSON.stringify({ username: 'olga', password: 'correct horse battery' })
      const login = await fetch(`${base}/api/login`, { method: 'POST', headers: json, body })
      const { token, user } = (await login.json()) as { token?: string; user: { id: string } }
      const me = await fetch(`${base}/api/me`, { headers: { cookie: 'x=y' } })
      const update = await fetch(`${base}/api/me`, {
        method: 'PATCH',
        headers: json,
        body: '{"displayName":"Ölga 🌊"}',
      })
      const after = (await (await fetch(`${base}/api/me`)).json()) as { user: { displayName: string } }
      // a blob in two pieces, by both ways of sending one
      const blob = new Blob([Uint8Array.from({ length: 300_001 }, (_, at) => at % 251)])
      const tus = { 'tus-resumable': '1.0.0' }
      const created = await fetch(`${base}/api/files`, {
        method: 'POST',
        headers: {
          ...tus,
          'upload-length': String(blob.size),
          'upload-metadata': `filename ${btoa('chart.bin')}`,
        },
      })
      const file = String(created.headers.get('location'))
      const piece = { ...tus, 'content-type': 'application/offset+octet-stream' }
      await fetch(file, {
        method: 'PATCH',
        headers: { ...piece, 'upload-offset': '0' },
        body: blob.slice(0, 200_000),
      })
      await new Promise((resolve) => {
        const request = new XMLHttpRequest()
        request.open('PATCH', file)
        for (const [name, value] of Object.entries({ ...piece, 'upload-offset': '200000' }))
          request.setRequestHeader(name, value)
        request.onloadend = resolve
        request.send(blob.slice(200_000))
      })
      const uploaded = await fetch(file, { method: 'HEAD', headers: tus })
      document.cookie = 'kept=1'
      const out = await fetch(`${base}/api/logout`, { method: 'POST' })
      const gone = await fetch(`${base}/api/me`)
      return {
        login: [login.status, token, typeof user.id, login.headers.get('set-cookie')],
        me: [me.status, me.headers.get('content-security-policy'), me.headers.get('content-type')],
        update: update.status,
        name: after.user.displayName,
        uploaded: uploaded.headers.get('upload-offset'),
        out: [out.status, (await out.text()).length],
        gone: gone.status,
        cookie: document.cookie,
      }
    }, `/hub/${id}`)
    expect(responses).toMatchObject({
      login: [200, undefined, 'string', null],
      me: [200, "sandbox; default-src 'none'", 'application/json; charset=utf-8'],
      name: 'Ölga 🌊',
      uploaded: '300001',
      out: [204, 0],
      gone: 401,
      cookie: '',
    })

    // a socket without a login closes like one that could not be reached
    const code = await page.evaluate(
      (hubId) =>
        new Promise((resolve) =>
          window.hubbub?.hubs.open(hubId, { message: () => undefined, closed: resolve }),
        ),
      id,
    )
    expect(code).toBe(1006)

    // main outlives a reload, and the page finds everything again
    await page.reload()
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    expect(await page.evaluate(async () => (await window.hubbub?.hubs.list())?.length)).toBe(1)

    if (driver === 'stand-in') {
      const order = (await app.calls()).map(({ what }) => what)
      const early = ['app.enableSandbox', 'protocol.registerSchemesAsPrivileged', 'BrowserWindow']
      expect(early.map((what) => order.indexOf(what))).toEqual(
        early.map((what) => order.indexOf(what)).sort((a, b) => a - b),
      )
      expect(order.includes('app.enableSandbox')).toBe(true)
    }
    expect(await app.quit()).toBe(0)
  })
})
