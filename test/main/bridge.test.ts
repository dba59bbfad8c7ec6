import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HostSettingsFile } from '../../main/host/settings.ts'
import { HubRegistry } from '../../main/hubs/registry.ts'
import { TokenStore } from '../../main/hubs/token-store.ts'
import { isAppPage, IpcRouter } from '../../main/ipc/router.ts'
import { JsonFile } from '../../main/json-file.ts'
import { redactSecrets } from '../../main/log.ts'
import { secretNames } from '../../shared/secret-names.ts'
import type { Log } from '../../main/ports.ts'
import { headersToHub, headersToPage } from '../../main/protocol/headers.ts'
import { opensSession } from '../../main/protocol/hub-proxy.ts'
import { externalUrl } from '../../main/security/external.ts'
import { SettingsStore } from '../../main/settings.ts'
import { sanitizeFileName } from '../../shared/text/file-names.ts'
import { readWindowState } from '../../main/ui/window-state.ts'
import { requests } from '../../shared/contract.ts'

const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} }
const hubId = 'A'.repeat(43)

function createJsonFile(): { file: JsonFile; path: string } {
  const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return { file: new JsonFile(path.join(dir, 'x.json')), path: path.join(dir, 'x.json') }
}

describe('the IPC router', () => {
  it.for([
    [{ url: 'app://hubbub/', isTopFrame: true }, true],
    [{ url: 'app://hubbub/hub/x/chat/1', isTopFrame: true }, true],
    [{ url: 'app://hubbub/', isTopFrame: false }, false],
    [{ url: 'app://other/', isTopFrame: true }, false],
    [{ url: 'https://hubbub/', isTopFrame: true }, false],
    [{ url: 'about:blank', isTopFrame: true }, false],
    [{ url: null, isTopFrame: true }, false],
  ] as const)('recognizes the app’s page in %o: %s', async ([sender, isOurs]) => {
    expect(isAppPage(sender)).toBe(isOurs)
    const router = new IpcRouter({ 'hubs.list': () => [] }, silentLog)
    const reply = await router.handle(sender, 'hubs.list', [])
    expect('value' in reply).toBe(isOurs)
  })

  it('accepts only listed requests with valid arguments, and hides internal errors', async () => {
    const page = { url: 'app://hubbub/', isTopFrame: true }
    const router = new IpcRouter(
      {
        'hubs.remove': () => {
          throw new Error('an internal secret')
        },
      },
      silentLog,
    )
    const codeOf = async (name: unknown, args: unknown): Promise<unknown> => {
      const reply = await router.handle(page, name, args)
      return 'error' in reply ? reply.error.code : 'done'
    }
    expect(await codeOf('hubs.steal', [])).toBe('not_found')
    expect(await codeOf('__proto__', [])).toBe('not_found')
    expect(await codeOf('hubs.remove', [])).toBe('invalid')
    expect(await codeOf('hubs.remove', [hubId, hubId])).toBe('invalid')
    expect(await codeOf('hubs.remove', { 0: hubId, length: 1 })).toBe('invalid')
    for (const name of ['host.start', 'host.change']) {
      expect(await codeOf(name, [{ dataDir: '/etc' }])).toBe('invalid')
      // no handler in this test, but well-formed
      expect(await codeOf(name, [{ port: 7788 }])).toBe('not_found')
    }
    const reply = await router.handle(page, 'hubs.remove', [hubId])
    expect(reply).toMatchObject({ error: { code: 'internal' } })
    expect(JSON.stringify(reply)).not.toContain('secret')
  })
})

describe('between page and hub', () => {
  it('removes the token from every response that opens a session', () => {
    const opening = Object.values(requests).filter(
      ({ transport: path, output }) =>
        path === 'http' && output !== undefined && 'token' in Object(Reflect.get(output, 'properties')),
    )
    expect(opening.length).toBeGreaterThanOrEqual(3)
    for (const { method, path: at } of opening) expect(opensSession(method, at), at).toBe(true)
  })

  it('forwards only the listed headers to the hub', () => {
    const page = new Headers({
      accept: '*/*',
      range: 'bytes=0-9',
      cookie: 'a=b',
      origin: 'app://hubbub',
      referer: 'app://hubbub/',
      authorization: 'Bearer of-the-page',
      'x-forwarded-for': '10.0.0.1',
      'sec-fetch-site': 'same-origin',
    })
    expect(headersToHub(page, { token: 'T', agent: 'Hubbub' })).toEqual({
      'user-agent': 'Hubbub',
      'x-hubbub-client': 'token',
      accept: '*/*',
      range: 'bytes=0-9',
      authorization: 'Bearer T',
    })
  })

  it.for([
    ['image/png', 'image/png', false],
    ['application/json; charset=utf-8', 'application/json; charset=utf-8', false],
    ['video/mp4', 'video/mp4', false],
    ['text/html', 'application/octet-stream', true],
    ['image/svg+xml', 'application/octet-stream', true],
    ['application/pdf', 'application/octet-stream', true],
    ['text/javascript', 'application/octet-stream', true],
    ['text/css', 'application/octet-stream', true],
    ['text/plain\u00a0, text/html', 'application/octet-stream', true],
  ] as const)('passes the content type %s to the page as %s', ([sent, received, attached]) => {
    const headers = headersToPage(
      { 'content-type': sent, 'set-cookie': ['a=b'], 'content-security-policy': 'none', server: 'x' },
      hubId,
    )
    expect(headers.get('content-type')).toBe(received)
    expect(headers.get('content-disposition')?.startsWith('attachment') ?? false).toBe(attached)
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
    expect(headers.get('set-cookie')).toBeNull()
    expect(headers.get('server')).toBeNull()
  })

  it.for([
    ['/api/files/1', `/hub/${hubId}/api/files/1`],
    ['https://10.0.0.5:7788/api/files/1', `/hub/${hubId}/api/files/1`],
    ['https://example.com/elsewhere', null],
    [`${'javascript'}:alert(1)`, null],
    ['//example.com/api/x', null],
  ] as const)('continues an upload from %s at %s', ([location, at]) => {
    expect(headersToPage({ location }, hubId).get('location')).toBe(at)
  })
})

describe('what leaves the app', () => {
  it.for([
    ['https://example.com/a b', 'https://example.com/a%20b'],
    ['HTTP://Example.com', 'http://example.com/'],
    ['mailto:ann@example.com', 'mailto:ann@example.com'],
    ['https://google.com@evil.example/', undefined],
    ['file:///etc/passwd', undefined],
    ['smb://server/share', undefined],
    [`${'javascript'}:alert(1)`, undefined],
    ['data:text/html,x', undefined],
    ['ms-msdt:/id', undefined],
    ['vscode://x', undefined],
    ['\\\\server\\share', undefined],
    ['/relative', undefined],
  ] as const)('opens %s outside as %s', ([text, opened]) => {
    expect(externalUrl(text)).toBe(opened)
  })

  it.for([
    ['report.pdf', 'report.pdf'],
    ['../../.bashrc', '.bashrc'],
    ['C:\\Windows\\x.exe', 'x.exe'],
    ['a\u202Efdp.exe', 'afdp.exe'],
    ['con.txt', 'con_.txt'],
    ['...', 'file'],
  ] as const)('saves a file named %s as %s', ([name, saved]) => {
    expect(sanitizeFileName(name)).toBe(saved)
  })

  it('redacts secrets in the log', () => {
    const line = redactSecrets(
      JSON.stringify({
        a: 'Bearer abc.def-ghi',
        token: 'tttt',
        url: 'hubbub://join?a=1&c=secretcode',
        password: 'p w',
      }),
    )
    for (const secret of ['abc.def', 'tttt', 'secretcode', 'p w']) expect(line).not.toContain(secret)
    for (const name of secretNames)
      expect(redactSecrets(JSON.stringify({ [name]: 'xyz' }))).not.toContain('xyz')
    expect(redactSecrets('{"csrfToken":"xyz","setupCode":"xyz"}')).not.toContain('xyz')
    expect(redactSecrets('{"errorCode":"ENOENT"}')).toContain('ENOENT')
  })
})

describe('data on disk', () => {
  const open = (file: JsonFile, protection: 'protected' | 'unprotected' | 'none', keepUnprotected: boolean) =>
    new TokenStore(file, {
      box: {
        protection: async () => protection,
        encrypt: async (text) => Buffer.from(`sealed ${[...text].reverse().join('')}`),
        decrypt: async (bytes) => ({
          text: [...bytes.toString().slice('sealed '.length)].reverse().join(''),
          isOutdated: false,
        }),
      },
      keepUnprotected: () => keepUnprotected,
      log: silentLog,
    })

  it.for([
    ['protected', false, 'the token'],
    ['unprotected', false, undefined],
    ['unprotected', true, 'the token'],
    ['none', false, undefined],
    ['none', true, 'the token'],
  ] as const)(
    'with a key store that is %s and unprotected tokens allowed %s, the login is saved: %s',
    async ([protection, allowUnprotected, isSaved]) => {
      const { file, path: at } = createJsonFile()
      await open(file, protection, allowUnprotected).set(hubId, 'the token')
      expect(readFileSync(at, 'utf8')).not.toContain('the token')
      const reopened = open(file, protection, allowUnprotected)
      await reopened.load()
      expect(reopened.get(hubId)).toBe(isSaved)
      await reopened.delete(hubId)
      const last = open(file, protection, allowUnprotected)
      await last.load()
      expect(last.get(hubId)).toBeUndefined()
    },
  )

  it('keeps a login that a locked key store cannot open today, and encrypts again what has an old key', async () => {
    const { file, path: at } = createJsonFile()
    const store = { isLocked: false, key: 1 }
    const openStore = () =>
      new TokenStore(file, {
        box: {
          protection: async () => 'protected',
          encrypt: async (text) => Buffer.from(`${store.key} ${text}`),
          decrypt: async (bytes) => {
            if (store.isLocked) throw new Error('locked')
            const [key, ...text] = bytes.toString().split(' ')
            return { text: text.join(' '), isOutdated: Number(key) !== store.key }
          },
        },
        keepUnprotected: () => false,
        log: silentLog,
      })
    const other = 'B'.repeat(43)
    await openStore().set(hubId, 'the token')
    store.isLocked = true
    const locked = openStore()
    await locked.load()
    expect(locked.get(hubId)).toBeUndefined()
    await locked.set(other, 'another')

    store.isLocked = false
    store.key = 2
    const unlocked = openStore()
    await unlocked.load()
    expect([unlocked.get(hubId), unlocked.get(other)]).toEqual(['the token', 'another'])
    const { kept } = JSON.parse(readFileSync(at, 'utf8')) as { kept: Record<string, string> }
    const keys = Object.values(kept).map((sealed) => Buffer.from(sealed.slice(4), 'base64').toString()[0])
    expect(keys).toEqual(['2', '2'])

    // a new login replaces the one that could not be opened, and a log-out removes it
    store.isLocked = true
    const again = openStore()
    await again.load()
    await again.set(hubId, 'newer')
    await again.delete(other)
    store.isLocked = false
    const last = openStore()
    await last.load()
    expect([last.get(hubId), last.get(other)]).toEqual(['newer', undefined])
  })

  it('renames a damaged file instead of overwriting it', () => {
    const { file, path: at } = createJsonFile()
    writeFileSync(at, '{"hubs": [')
    expect(file.read()).toBeUndefined()
    file.write({ new: true })
    expect(readFileSync(`${at}.damaged`, 'utf8')).toBe('{"hubs": [')
  })

  it('counts until the app ends if the disk does not take it, and what the user asks for fails', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-test-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const warnings: string[] = []
    const log = { warn: (text: string) => void warnings.push(text) }
    const folder = path.join(dir, 'profile')
    const hub = { id: hubId, name: 'North', addresses: ['10.0.0.1:7788'], trust: 'public' as const }
    const registry = new HubRegistry(new JsonFile(path.join(folder, 'hubs.json'), log))
    const settings = new SettingsStore(new JsonFile(path.join(folder, 'settings.json'), log))
    const hosting = new HostSettingsFile(new JsonFile(path.join(folder, 'hosting.json'), log), '/data')
    registry.upsert(hub)
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'a file is in the way')

    registry.recordReached(hubId, '10.0.0.2:7788', 'South')
    expect(registry.list()).toMatchObject([{ name: 'South', addresses: ['10.0.0.2:7788', '10.0.0.1:7788'] }])
    settings.record({ quietUntil: 7 })
    hosting.record({ wasRunning: true })
    expect([settings.current.quietUntil, hosting.current.wasRunning]).toEqual([7, true])
    expect(warnings).toHaveLength(3)

    expect(() => registry.upsert({ ...hub, id: 'B'.repeat(43) })).toThrow()
    expect(() => registry.remove(hubId)).toThrow()
    expect(registry.list().map(({ id }) => id)).toEqual([hubId])
    expect(() => settings.change({ sounds: false })).toThrow()
    expect(() => hosting.change({ port: 9000 })).toThrow()
    expect([settings.current.sounds, hosting.current.port]).toEqual([true, 7788])
  })

  it('shows the window on a visible screen if its former screen is gone', () => {
    const { file } = createJsonFile()
    const bounds = { x: 2000, y: 100, width: 900, height: 700 }
    file.write({ bounds, isMaximized: true })
    const laptop = { x: 0, y: 0, width: 1440, height: 900 }
    const second = { x: 1440, y: 0, width: 1920, height: 1080 }
    expect(readWindowState(file, [laptop, second])).toEqual({ bounds, isMaximized: true })
    expect(readWindowState(file, [laptop])).toEqual({ bounds: undefined, isMaximized: true })
    file.write({ bounds: { x: 'a' } })
    expect(readWindowState(file, [laptop])).toEqual({ bounds: undefined, isMaximized: false })
  })
})
