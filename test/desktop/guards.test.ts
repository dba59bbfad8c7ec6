import { describe, expect, it } from 'vitest'
import { securityHeaders } from '../../shared/page-headers.ts'
import { startTestHub } from '../support/hub.ts'
import { type DesktopApp, launchApp, onStandIn, launchProcess, runAppToExit } from './driver.ts'
import { waitFor } from '../support/wait-for.ts'

describe('the page', () => {
  it('has its bridge and nothing else, and cannot escape in any known way', async () => {
    const hub = await startTestHub()
    const app = await launchApp()
    await app.page.evaluate((url) => window.hubbub?.hubs.add(url, 'local'), hub.url)
    await expectOnlyBridgeApi(app)
    await expectOnlyBundledScripts(app)
    await expectNoPathTraversal(app, hub.hub.hubId)
    await expectBridgeValidatesInput(app)
    await expectNoNavigation(app)
    await onStandIn('permissions are denied', () => expectPermissionsDenied(app))
    expect(await app.quit()).toBe(0)
  })
})

async function expectOnlyBridgeApi({ page }: DesktopApp): Promise<void> {
  const seen = await page.evaluate(() => ({
    version: window.hubbub?.apiVersion,
    names: Object.keys(window.hubbub ?? {}),
    isFrozen: Object.isFrozen(window.hubbub) && Object.isFrozen(window.hubbub?.hubs),
    node: ['process', 'require', 'ipcRenderer', 'module', 'standIn'].map(
      (name) => typeof Reflect.get(globalThis, name),
    ),
  }))
  expect(seen.version).toBe(1)
  expect(seen.names).toEqual([
    'apiVersion',
    'platform',
    'region',
    'hubs',
    'host',
    'discovery',
    'shell',
    'settings',
    'app',
    'on',
  ])
  expect(seen.isFrozen).toBe(true)
  expect(new Set(seen.node)).toEqual(new Set(['undefined']))
}

async function expectOnlyBundledScripts({ page }: DesktopApp): Promise<void> {
  const seen = await page.evaluate(async () => {
    const response = await fetch('/')
    const refused: string[] = []
    const attempt = async (name: string, run: () => unknown): Promise<void> => {
      try {
        await run()
      } catch {
        refused.push(name)
      }
    }
    // from a timer of the page: code that the test evaluates is exempt from the policy
    await new Promise<void>((resolve) => {
      window.setTimeout(() => {
        void (async () => {
          await attempt('inline script', () => {
            const script = document.createElement('script')
            script.append('window.ranInline = true')
            document.body.append(script)
            if (!Reflect.has(window, 'ranInline')) throw new Error('refused')
          })
          await attempt('eval', () =>
            Reflect.apply(Reflect.get(globalThis, 'eval') as () => void, null, ['1 + 1']),
          )
          await attempt('markup', () => Reflect.set(document.createElement('p'), 'innerHTML', '<b>x</b>'))
          await attempt('elsewhere', () => fetch('https://example.com/'))
          await attempt('loopback', () => fetch('http://127.0.0.1:7788/api/meta'))
          resolve()
        })()
      }, 0)
    })
    return {
      refused,
      policy: response.headers.get('content-security-policy'),
      worker: 'serviceWorker' in navigator,
    }
  })
  expect(seen.refused).toEqual(['inline script', 'eval', 'markup', 'elsewhere', 'loopback'])
  expect(seen.policy).toBe(securityHeaders['content-security-policy'])
}

/** Neither out of the built page nor out of the list of hubs. */
async function expectNoPathTraversal({ page }: DesktopApp, hubId: string): Promise<void> {
  const fetchStatuses = (paths: string[], init: RequestInit = {}) =>
    page.evaluate(
      ([all, options]) =>
        Promise.all(all.map(async (path) => (await fetch(path, options as RequestInit)).status)),
      [paths, init] as const,
    )
  const base = `/hub/${hubId}`
  const traversals = [
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/..%5cpackage.json',
    '/assets/..%2f..%2fmain%2fentry.js',
    '/main/entry.js',
    '/preload.cjs',
    '/index.html%00.js',
    '/etc/passwd',
    '/hub/short/api/meta',
    `/hub/${'A'.repeat(43)}/api/meta`,
    `${base}/metrics`,
    `${base}/live`,
    `${base}/api/..%2fmetrics`,
    `${base}/api/%00`,
    `${base}%2fapi/meta`,
  ]
  expect(await fetchStatuses(traversals)).toEqual(traversals.map(() => 404))
  expect(await fetchStatuses([`${base}/api/meta`, `${base}/api/../api/meta`])).toEqual([200, 200])
  expect(await fetchStatuses(['/'], { method: 'POST' })).toEqual([405])
  expect(await fetchStatuses([`${base}/api/meta`], { method: 'PROPFIND' })).toEqual([405])
}

/** The page can only ask the system to open a link. */
async function expectNoNavigation(app: DesktopApp): Promise<void> {
  const { page } = app
  const home = page.url()
  await page.evaluate(() => {
    window.location.href = 'https://example.com/'
  })
  await page.evaluate(() => {
    window.open('https://example.org/page')
    window.open('file:///etc/passwd')
    window.open('smb://server/share')
    window.open(['javascript', '1'].join(':'))
  })
  expect(page.url()).toBe(home)
  const asked = await page.evaluate(() =>
    Promise.all(
      [
        'https://example.net/a b',
        'mailto:ann@example.net',
        'file:///etc/passwd',
        'ms-settings:',
        'https://a@b.example/',
      ].map(async (url) => window.hubbub?.shell.openExternal(url)),
    ),
  )
  expect(asked).toEqual([true, true, false, false, false])
  await waitFor(async () =>
    expect((await app.calls('shell.openExternal')).map(({ args }) => args[0])).toEqual([
      'https://example.org/page',
      'https://example.net/a%20b',
      'mailto:ann@example.net',
    ]),
  )
}

/** Calls the handlers directly: no prompt of Chromium can be answered from a test. */
async function expectPermissionsDenied(app: DesktopApp): Promise<void> {
  const answers = await app.evaluate(({ session }) => {
    const { permissionRequest, permissionCheck, certificateVerify, device } = session.defaultSession.handlers
    const given: Record<string, unknown> = {}
    for (const name of [
      'notifications',
      'fullscreen',
      'clipboard-sanitized-write',
      'media',
      'geolocation',
      'local-fonts',
      'local-network',
      'usb',
      'newer-than-this',
    ]) {
      permissionRequest({}, name, (granted: boolean) => (given[name] = granted), {
        requestingUrl: 'app://hubbub/',
      })
    }
    permissionRequest({}, 'notifications', (granted: boolean) => (given['elsewhere'] = granted), {
      requestingUrl: 'https://example.com/',
    })
    given['check'] = permissionCheck(null, 'media', 'app://hubbub/')
    given['device'] = device({})
    certificateVerify({}, (answer: number) => (given['certificate'] = answer))
    return given
  })
  expect(answers).toEqual({
    notifications: true,
    fullscreen: true,
    'clipboard-sanitized-write': true,
    media: false,
    geolocation: false,
    'local-fonts': false,
    'local-network': false,
    usb: false,
    'newer-than-this': false,
    elsewhere: false,
    check: false,
    device: false,
    certificate: -2,
  })
}

async function expectBridgeValidatesInput(app: DesktopApp): Promise<void> {
  const answers = await app.page.evaluate(async () => {
    const { hubs, shell, settings } = window.hubbub as unknown as Record<
      string,
      Record<string, (...args: unknown[]) => Promise<unknown>>
    >
    const attempts: (() => Promise<unknown> | undefined)[] = [
      () => hubs?.['remove']?.('__proto__'),
      () => hubs?.['add']?.({ toString: 'x' }, 'local'),
      () => hubs?.['look']?.('http://192.0.2.1/'),
      () => hubs?.['look']?.('x'.repeat(1000)),
      () => settings?.['set']?.({ unknown: true }),
      () => shell?.['saveAs']?.('A'.repeat(43), '/etc/passwd', 'x'),
    ]
    const codes: unknown[] = []
    for (const one of attempts)
      codes.push(
        await one()?.then(
          () => 'done',
          (error: { code?: string }) => error.code,
        ),
      )
    return codes
  })
  expect(answers).toEqual(['invalid', 'invalid', 'invalid', 'invalid', 'invalid', 'invalid'])
}

describe('the app', () => {
  it('runs once per user: a second start shows the first, whose window returns to its place', async () => {
    const app = await launchProcess({ args: ['--hidden'] })
    expect(await runAppToExit({ userData: app.userData })).toBe(0)
    await app.findPage()
    await onStandIn('the window is shown', async () => expect(await app.calls('window.show')).toHaveLength(1))
    const bounds = { x: 40, y: 50, width: 900, height: 640 }
    await app.evaluate(({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0].setBounds(to), bounds)
    expect(await app.quit()).toBe(0)
    const again = await launchApp({ userData: app.userData })
    expect(
      await again.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].getBounds() as object),
    ).toEqual(bounds)
  })
})
