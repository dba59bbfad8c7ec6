import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'
import { describe, expect, test } from 'vitest'

// The boundaries and restrictions only check syntax, so the sample files need not exist.
const syntaxLinter = new ESLint({
  overrideConfig: [{ files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked }],
})
// Promises need types, and types need a file that a tsconfig includes: the samples use this file's name.
// With CI=true the parser reads a file once from the disk, and not the text that it is given.
const typedLinter = new ESLint({
  overrideConfig: { languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } } },
})

async function lintMessages(eslint: ESLint, file: string, code: string): Promise<string> {
  const [result] = await eslint.lintText(code, { filePath: file })
  return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId}: ${message}`).join('\n')
}

const sharedIsPureMessage = 'shared is pure'
const userTextAsNodesMessage = 'User text becomes a tree of nodes'
const byName = 'Export it by name'

describe('import boundaries reject', () => {
  test.for([
    [
      'shared importing the hub',
      'shared/contract/a.ts',
      `import { a } from '../../server/a.ts'; a()`,
      'shared imports nothing of ours',
    ],
    ['shared importing node', 'shared/a.ts', `import { join } from 'node:path'; join()`, sharedIsPureMessage],
    [
      'shared importing node without its prefix',
      'shared/a.ts',
      `import { join } from 'path'; join()`,
      sharedIsPureMessage,
    ],
    [
      'shared importing a package that is not pure',
      'shared/a.ts',
      `import { html } from 'lit'; html()`,
      sharedIsPureMessage,
    ],
    [
      'the hub importing the page',
      'server/a.ts',
      `import { a } from '../renderer/a.ts'; a()`,
      'server imports only shared',
    ],
    [
      'the hub importing the tests',
      'server/chats/a.ts',
      `import { a } from '../../test/a.ts'; a()`,
      'server imports only shared',
    ],
    [
      'the hub importing the page lazily',
      'server/a.ts',
      `await import('../renderer/a.ts')`,
      'server imports only shared',
    ],
    [
      'electron in a plain Node part of the shell',
      'main/net/a.ts',
      `import { net } from 'electron'; net()`,
      'take what you need from Electron as a port',
    ],
    [
      'electron in a test',
      'test/desktop/a.ts',
      `import { app } from 'electron'; app()`,
      'would start its download',
    ],
    [
      'the hub re-exporting the shell',
      'server/a.ts',
      `export { a } from '../main/a.ts'`,
      'server imports only shared',
    ],
    [
      "the hub taking the page's types",
      'server/a.ts',
      `export type A = import('../renderer/a.ts').A`,
      'server imports only shared',
    ],
    [
      'the page importing the hub',
      'renderer/chats/a.ts',
      `import { a } from '../../server/a.ts'; a()`,
      'renderer imports only shared',
    ],
    [
      'the page importing node',
      'renderer/a.ts',
      `import { join } from 'node:path'; join()`,
      'The page may not import Node',
    ],
    [
      'the page importing a hub package',
      'renderer/a.ts',
      `import { Kysely } from 'kysely'; Kysely()`,
      'runs on Node only',
    ],
    [
      'the shell importing the page',
      'main/a.ts',
      `import { a } from '../renderer/a.ts'; a()`,
      'main imports only shared',
    ],
    [
      'signals past their module',
      'renderer/chats/a.ts',
      `import { signal } from '@preact/signals-core'; signal()`,
      'renderer/signals/signal.ts',
    ],
    [
      'the code of typebox in shared',
      'shared/a.ts',
      `import { Type } from 'typebox'; Type()`,
      'shared/contract/type.ts',
    ],
    [
      'the code of typebox in the page',
      'renderer/a.ts',
      `import { Compile } from 'typebox/schema'; Compile()`,
      '`import type` for typebox',
    ],
    [
      'a socket outside server/live',
      'server/chats/a.ts',
      `import { WebSocket } from 'ws'; WebSocket()`,
      'Only server/live/',
    ],
    [
      'the socket plugin outside server/live',
      'server/app.ts',
      `import { a } from '@fastify/websocket'; a()`,
      'Only server/live/',
    ],
    [
      'the driver outside server/db',
      'server/chats/a.ts',
      `import { a } from 'better-sqlite3'; a()`,
      'Only server/db/',
    ],
    [
      'electron in the hub',
      'server/a.ts',
      `import { app } from 'electron'; app()`,
      'The hub may not import Electron',
    ],
    [
      'an import without its extension',
      'renderer/a.ts',
      `import { a } from './b'; a()`,
      'with its extension',
    ],
  ] as const)('%s', async ([, file, code, expected]) => {
    expect(await lintMessages(syntaxLinter, file, code)).toContain(expected)
  })
})

describe('import boundaries allow', () => {
  test.for([
    [
      'the types of typebox in shared',
      'shared/a.ts',
      `import type { Static } from 'typebox'; export type A = Static`,
    ],
    ['shared in the hub', 'server/chats/a.ts', `import { a } from '../../shared/a.ts'; a()`],
    ['node in the hub', 'server/a.ts', `import { join } from 'node:path'; join()`],
    ['sockets in server/live', 'server/live/a.ts', `import { WebSocket } from 'ws'; WebSocket()`],
    ['the driver in server/db', 'server/db/a.ts', `import { a } from 'better-sqlite3'; a()`],
    ['shared in the page', 'renderer/a.ts', `import { a } from '../shared/a.ts'; a()`],
    [
      'the types of typebox in the page',
      'renderer/a.ts',
      `import type { Static } from 'typebox'; export type A = Static`,
    ],
    [
      'signals through their module',
      'renderer/signals/signal.ts',
      `export { signal } from '@preact/signals-core'`,
    ],
    ['an icon in the page', 'renderer/a.ts', `import icon from 'lucide-static/icons/send.svg?raw'; icon()`],
    [
      'everything of ours in a test',
      'test/server/a.test.ts',
      `import { a } from '../../server/a.ts'; import WebSocket from 'ws'; a(WebSocket)`,
    ],
  ] as const)('%s', async ([, file, code]) => {
    expect(await lintMessages(syntaxLinter, file, code)).toBe('')
  })
})

describe('the order of floors refuses', () => {
  test.for([
    [
      'an import from a higher floor of the page',
      'renderer/ui/a.ts',
      `import { a } from '../state/a.ts'; a()`,
      'ui is below state',
    ],
    [
      'a type from a higher floor',
      'renderer/messages/a.ts',
      `import type { A } from '../app/a.ts'; export type B = A`,
      'messages is below app',
    ],
    [
      'an inline type from a higher floor',
      'renderer/sync/a.ts',
      `export type A = import('../state/a.ts').A`,
      'sync is below state',
    ],
    [
      'a re-export from a higher floor',
      'renderer/signals/a.ts',
      `export { a } from '../ui/a.ts'`,
      'signals is below ui',
    ],
    [
      'an import from a file above all floors',
      'renderer/app/a.ts',
      `import { a } from '../boot.ts'; a()`,
      'app is below boot',
    ],
    [
      'a folder without a floor',
      'renderer/polls/a.ts',
      `import { a } from '../ui/a.ts'; a()`,
      'renderer/polls/ has no floor',
    ],
    [
      'a value from a higher floor of the hub',
      'server/live/a.ts',
      `import { a } from '../chats/a.ts'; a()`,
      'live is below chats',
    ],
    [
      'a type from a higher floor of the hub',
      'server/access/a.ts',
      `import type { A } from '../context.ts'; export type B = A`,
      'access is below context',
    ],
    [
      'a file of the hub that imports a folder above it',
      'server/operation.ts',
      `import { a } from './messages/a.ts'; a()`,
      'operation is below messages',
    ],
    [
      'an import from the entry of the hub',
      'server/http/a.ts',
      `import { a } from '../start.ts'; a()`,
      'http is below start',
    ],
    [
      'a folder of the hub without a floor',
      'server/polls/a.ts',
      `import { a } from '../ids.ts'; a()`,
      'server/polls/ has no floor',
    ],
    [
      'an import from a higher floor of the shell',
      'main/net/a.ts',
      `import type { A } from '../host/a.ts'; export type B = A`,
      'net is below host',
    ],
  ] as const)('%s', async ([, file, code, expected]) => {
    expect(await lintMessages(syntaxLinter, file, code)).toContain(expected)
  })
})

describe('the order of floors lets through', () => {
  test.for([
    ['a lower floor', 'renderer/chats/a.ts', `import { a } from '../messages/a.ts'; a()`],
    ['its own floor', 'renderer/chats/a.ts', `import { a } from './b.ts'; a()`],
    ['a folder of the core of the hub', 'server/chats/a.ts', `import { a } from '../threads/a.ts'; a()`],
    ['every floor in the entry of the hub', 'server/start.ts', `import { a } from './admin/a.ts'; a()`],
    ['a higher floor by a lazy import', 'renderer/ui/a.ts', `await import('../app/a.ts')`],
    ['every floor in the entry of the page', 'renderer/boot.ts', `import { a } from './app/a.ts'; a()`],
  ] as const)('%s', async ([, file, code]) => {
    expect(await lintMessages(syntaxLinter, file, code)).toBe('')
  })
})

describe('restricted syntax rejects', () => {
  test.for([
    [
      'a native tooltip',
      'renderer/a.ts',
      "import { html } from 'lit'; export const a = (b: string) => html`<i class='c' title=${b}></i>`",
      'use data-tip',
    ],
    [
      'a native tooltip of fixed words',
      'renderer/a.ts',
      "import { html } from 'lit'; export const a = html`<i title=Close></i>`",
      'use data-tip',
    ],
    [
      'a rule that reaches for the store',
      'server/pins/a.ts',
      `export const a = (hub: { store: { read: () => void } }) => hub.store.read()`,
      'pass that in instead of the store',
    ],
    [
      'unsafeHTML',
      'renderer/a.ts',
      `import { unsafeHTML } from 'lit/directives/unsafe-html.js'; unsafeHTML()`,
      userTextAsNodesMessage,
    ],
    [
      'unsafeSVG under another name',
      'renderer/a.ts',
      `import { unsafeSVG as svg } from 'lit/directives/unsafe-svg.js'; svg()`,
      userTextAsNodesMessage,
    ],
    [
      'an Enter that may end a composition',
      'renderer/a.ts',
      `export const a = (event: KeyboardEvent) => event.key === 'Enter'`,
      'is no Enter',
    ],
    ['innerHTML', 'renderer/a.ts', `export const a = (el) => { el.innerHTML = '' }`, userTextAsNodesMessage],
    [
      'innerHTML by index',
      'renderer/a.ts',
      `export const a = (el) => { el['innerHTML'] = '' }`,
      userTextAsNodesMessage,
    ],
    [
      'innerHTML by assign',
      'renderer/a.ts',
      `export const a = (el) => Object.assign(el, { innerHTML: '' })`,
      userTextAsNodesMessage,
    ],
    [
      'innerHTML in a template',
      'renderer/a.ts',
      'export const a = (html, b) => html`<p .innerHTML=${b}></p>`',
      userTextAsNodesMessage,
    ],
    ['outerHTML', 'renderer/a.ts', `export const a = (el) => { el.outerHTML = '' }`, userTextAsNodesMessage],
    [
      'insertAdjacentHTML',
      'renderer/a.ts',
      `export const a = (el) => el.insertAdjacentHTML('beforeend', '')`,
      userTextAsNodesMessage,
    ],
    ['document.write', 'renderer/a.ts', `document.write('')`, userTextAsNodesMessage],
    ['eval', 'server/a.ts', `eval('1')`, 'no-eval'],
    ['new Function', 'server/a.ts', `new Function('return 1')()`, 'no-new-func'],
    ['a default export', 'server/a.ts', `export default 1`, byName],
    ['a default export by alias', 'server/a.ts', `const a = 1; export { a as default }`, byName],
    ['a barrel', 'server/a.ts', `export * from './b.ts'`, 'No barrel files'],
    ['console.log in the hub', 'server/a.ts', `console.log('')`, 'no-console'],
    ['console.log in the page', 'renderer/a.ts', `console.log('')`, 'no-console'],
    ['console.log in shared', 'shared/a.ts', `console.log('')`, 'no-console'],
    ['the clock in shared', 'shared/a.ts', `export const a = Date.now()`, 'take the time as a parameter'],
    [
      'the clock in shared by new Date',
      'shared/a.ts',
      `export const a = new Date()`,
      'take the time as a parameter',
    ],
    ['randomness in shared', 'shared/a.ts', `export const a = Math.random()`, 'take the random bytes'],
    ['any', 'server/a.ts', `export const a: any = 1`, 'no-explicit-any'],
    ['a mock of an own module', 'test/server/a.test.ts', `vi.mock('../../server/a.ts')`, 'are not mocked'],
    [
      'a typed mock of an own module',
      'test/server/a.test.ts',
      `vi.mock(import('../../server/a.ts'))`,
      'are not mocked',
    ],
    ['.only', 'test/server/a.test.ts', `test.only('a', () => {})`, 'Remove .only'],
    ['.only on a table', 'test/server/a.test.ts', `describe.only.each([1])('a', () => {})`, 'Remove .only'],
    [
      'a sleep in a test',
      'test/server/a.test.ts',
      `await new Promise((done) => setTimeout(done, 5))`,
      'Tests never sleep',
    ],
  ] as const)('%s', async ([, file, code, expected]) => {
    expect(await lintMessages(syntaxLinter, file, code)).toContain(expected)
  })
})

// The typed rules load the program of the tests, which takes long on a busy machine.
describe('promise rules reject', { timeout: 120_000 }, () => {
  const known = 'test/tooling/lint.test.ts'
  test.for([
    [
      'a floating promise',
      `async function a() { return 1 }\nexport function b() { a() }`,
      'no-floating-promises',
    ],
    [
      'a promise as a condition',
      `async function a() { return true }\nexport async function b() { if (a()) return 1; return await a() }`,
      'no-misused-promises',
    ],
    [
      'a promise returned to a caller that ignores it',
      `export function b(list: number[]) { list.forEach(async (n) => { await Promise.resolve(n) }) }`,
      'no-misused-promises',
    ],
  ] as const)('%s', async ([, code, expected]) => {
    expect(await lintMessages(typedLinter, known, code)).toContain(expected)
  })
})
