// The behaviour of Electron that the app relies on, seen through a running app: the same on both drivers. If the real
// Electron disagrees, the stand-in is wrong and is corrected. `promises.ts` names these and other specs as the checklist.
import { createHash } from 'node:crypto'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { releaseKey, signList } from '../support/app-packages.ts'
import { signedText } from '../../shared/app-packages.ts'
import { newDataDir } from '../support/data-dir.ts'
import { startTestHub } from '../support/hub.ts'
import { freePort } from '../support/ports.ts'
import { waitFor } from '../support/wait-for.ts'
import { type DesktopApp, driver, itOnStandIn, launchApp } from './driver.ts'

/** The app with a hub of this computer, where the page is logged in through the scheme. Returns its base address. */
async function launchWithHub(): Promise<{ app: DesktopApp; base: string; id: string }> {
  const hub = await startTestHub()
  await hub.setUp()
  const app = await launchApp()
  const added = await app.page.evaluate((url) => window.hubbub?.hubs.add(url, 'local'), hub.url)
  const id = String(added?.id)
  return { app, base: `/hub/${id}`, id }
}

const logIn = (page: Page, base: string) =>
  page.evaluate(async (at) => {
    const response = await fetch(`${at}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'olga', password: 'correct horse battery' }),
    })
    const { token, user } = (await response.json()) as { token?: string; user: { id: string } }
    return [response.status, token, typeof user.id, response.headers.get('set-cookie')]
  }, base)

describe('start', () => {
  it('gives the page a secure context, and keeps its storage over a restart', async () => {
    const userData = newDataDir()
    const first = await launchApp({ userData })
    expect(
      await first.page.evaluate(() => [
        window.isSecureContext,
        'indexedDB' in window,
        'locks' in navigator,
        window.top === window,
      ]),
    ).toEqual([true, true, true, true])
    await first.page.evaluate(
      () =>
        new Promise<void>((resolve, reject) => {
          const opening = indexedDB.open('conformance', 1)
          opening.onupgradeneeded = () => opening.result.createObjectStore('kept').put('here', 'key')
          opening.onsuccess = () => resolve(opening.result.close())
          opening.onerror = () => reject(new Error('no database'))
        }),
    )
    expect(await first.quit()).toBe(0)
    const second = await launchApp({ userData })
    const names = await second.page.evaluate(async () =>
      (await indexedDB.databases()).map(({ name }) => name),
    )
    expect(names).toContain('conformance')
    expect(await second.quit()).toBe(0)
  })

  itOnStandIn('asks for the sandbox and the scheme before there is a window', async () => {
    const app = await launchApp()
    const order = (await app.calls()).map(({ what }) => what)
    const early = ['app.enableSandbox', 'protocol.registerSchemesAsPrivileged', 'BrowserWindow']
    expect(order).toEqual(expect.arrayContaining(early))
    expect(early.map((what) => order.indexOf(what))).toEqual(
      early.map((what) => order.indexOf(what)).toSorted((a, b) => a - b),
    )
    expect(await app.quit()).toBe(0)
  })

  // nothing of it exists on the stand-in, so that it cannot even be skipped there
  if (driver === 'electron') {
    it('runs each page in a sandbox', async () => {
      const app = await launchApp()
      const pages = await app.evaluate(({ app: one }) =>
        (one.getAppMetrics() as { type: string; sandboxed?: boolean }[]).filter(({ type }) => type === 'Tab'),
      )
      expect(pages.length).toBeGreaterThan(0)
      // Linux does not report it there: first-start looks at the process
      if (process.platform !== 'linux') expect(pages.every(({ sandboxed }) => sandboxed)).toBe(true)
      expect(await app.quit()).toBe(0)
    })
  }
})

describe('the bridge', () => {
  it('hands over values, and errors as plain objects with code and sentence', async () => {
    const { page, quit } = await launchApp()
    expect(await page.evaluate(() => window.hubbub?.settings.get())).toMatchObject({
      notifications: 'mentions',
    })
    const error = await page.evaluate(() => window.hubbub?.hubs.look('').catch((one: unknown) => one))
    expect(Object.keys(error as object).toSorted()).toEqual(['code', 'message'])
    expect(await quit()).toBe(0)
  })

  it('closes the socket of a page without a login as if the hub could not be reached', async () => {
    const { app, id } = await launchWithHub()
    const code = await app.page.evaluate(
      (hubId) =>
        new Promise((resolve) =>
          window.hubbub?.hubs.open(hubId, { message: () => undefined, closed: resolve }),
        ),
      id,
    )
    expect(code).toBe(1006)
    expect(await app.quit()).toBe(0)
  })
})

describe('the scheme', () => {
  it('passes methods, bodies, statuses and headers, and neither token nor cookie', async () => {
    const { app, base } = await launchWithHub()
    expect(await logIn(app.page, base)).toEqual([200, undefined, 'string', null])
    const responses = await app.page.evaluate(async (at) => {
      const me = await fetch(`${at}/api/me`, { headers: { cookie: 'x=y' } })
      await fetch(`${at}/api/me`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: '{"displayName":"Ölga 🌊"}',
      })
      const after = (await (await fetch(`${at}/api/me`)).json()) as { user: { displayName: string } }
      document.cookie = 'kept=1'
      const out = await fetch(`${at}/api/logout`, { method: 'POST' })
      const gone = await fetch(`${at}/api/me`)
      return {
        me: [me.status, me.headers.get('content-security-policy'), me.headers.get('content-type')],
        name: after.user.displayName,
        // no body where none is allowed
        out: [out.status, (await out.text()).length],
        gone: gone.status,
        cookie: document.cookie,
      }
    }, base)
    expect(responses).toEqual({
      me: [200, "sandbox; default-src 'none'", 'application/json; charset=utf-8'],
      name: 'Ölga 🌊',
      out: [204, 0],
      gone: 401,
      cookie: '',
    })
    expect(await app.quit()).toBe(0)
  })

  it('uploads byte by byte, by fetch and by XMLHttpRequest, around the size of a chunk', async () => {
    const { app, base } = await launchWithHub()
    await logIn(app.page, base)
    const mebibyte = 1024 * 1024
    for (const way of ['fetch', 'XMLHttpRequest']) {
      for (const size of [1, 4 * mebibyte - 1, 4 * mebibyte + 1]) {
        const bytes = new Uint8Array(size)
        for (let at = 0; at < size; at++) bytes[at] = at % 251
        const digest = createHash('sha256').update(bytes).digest('hex')
        const received = await uploadAndFetch(app.page, { base, size, way })
        expect([way, size, received]).toEqual([way, size, digest])
      }
    }
    expect(await app.quit()).toBe(0)
  })

  it('serves a hundred requests at once', async () => {
    const { app, base } = await launchWithHub()
    await logIn(app.page, base)
    const statuses = await app.page.evaluate(
      (at) => Promise.all(Array.from({ length: 100 }, async () => (await fetch(`${at}/api/me`)).status)),
      base,
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(await app.quit()).toBe(0)
  })

  it('serves the page again after a reload, also while it loads, and main keeps its hubs', async () => {
    const { app } = await launchWithHub()
    const { page } = app
    await page.reload({ waitUntil: 'commit' })
    // by the page: the developer tools refuse to reload one that is being exchanged
    await Promise.all([
      page.waitForEvent('load'),
      page.evaluate(() => setTimeout(() => window.location.reload(), 0)),
    ])
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    expect(await page.evaluate(async () => (await window.hubbub?.hubs.list())?.length)).toBe(1)
    expect(await app.quit()).toBe(0)
  })
})

describe('the process', () => {
  it('reloads a page that crashed', async () => {
    const app = await launchApp()
    await app.page.getByTestId('welcome-join').waitFor()
    const reloaded = await app.evaluate(
      ({ BrowserWindow }) =>
        new Promise((resolve) => {
          const contents = BrowserWindow.getAllWindows()[0].webContents
          contents.once('render-process-gone', () =>
            contents.once('did-finish-load', () => resolve('reloaded')),
          )
          contents.forcefullyCrashRenderer()
        }),
    )
    expect(reloaded).toBe('reloaded')
    expect(await app.quit()).toBe(0)
  })

  it('runs a hub in a process of its own, which ends with the app even if that is killed', async () => {
    const app = await launchApp({ env: { XDG_CURRENT_DESKTOP: 'KDE' } })
    const port = Number(await freePort())
    await app.page.evaluate((at) => window.hubbub?.host.start({ port: at, lan: false }), port)
    const answers = async (): Promise<boolean> =>
      (await fetch(`http://127.0.0.1:${port}/api/meta`).catch(() => undefined))?.ok === true
    await waitFor(async () => expect(await answers()).toBe(true), 60_000)
    await app.kill()
    await waitFor(async () => expect(await answers()).toBe(false), 30_000)
  })

  it('verifies the signature of a release', async () => {
    const app = await launchApp()
    const signed = signList({ version: '9.0.0', packages: [] })
    const verified = await app.evaluate(
      (_, { key, text, signature }) => {
        const crypto = process.getBuiltinModule('node:crypto')
        const publicKey = crypto.createPublicKey({
          key: Buffer.from(key, 'base64'),
          format: 'der',
          type: 'spki',
        })
        const isSigned = (bytes: string) =>
          crypto.verify(null, Buffer.from(bytes), publicKey, Buffer.from(signature, 'base64'))
        return [publicKey.asymmetricKeyType, isSigned(text), isSigned(`${text} `)]
      },
      { key: releaseKey.publicKey, text: signedText(signed.list), signature: signed.signature },
    )
    expect(verified).toEqual(['ed25519', true, false])
    expect(await app.quit()).toBe(0)
  })
})

/** A blob in two pieces, by one of the ways of sending it. Returns the digest of what the hub stored. */
function uploadAndFetch(page: Page, how: { base: string; size: number; way: string }): Promise<string> {
  return page.evaluate(async ({ base, size, way }) => {
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size; at++) bytes[at] = at % 251
    const blob = new Blob([bytes])
    const tus = { 'tus-resumable': '1.0.0' }
    const created = await fetch(`${base}/api/files`, {
      method: 'POST',
      headers: { ...tus, 'upload-length': String(size), 'upload-metadata': `filename ${btoa('chart.bin')}` },
    })
    const file = String(created.headers.get('location'))
    const half = Math.floor(size / 2)
    for (const [from, to] of [
      [0, half],
      [half, size],
    ] as const) {
      if (from === to) continue
      const headers = {
        ...tus,
        'content-type': 'application/offset+octet-stream',
        'upload-offset': String(from),
      }
      const body = blob.slice(from, to)
      if (way === 'fetch') await fetch(file, { method: 'PATCH', headers, body })
      else {
        await new Promise((resolve) => {
          const request = new XMLHttpRequest()
          request.open('PATCH', file)
          for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
          request.onloadend = resolve
          request.send(body)
        })
      }
    }
    const stored = await (await fetch(file)).arrayBuffer()
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', stored))
    return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  }, how)
}
