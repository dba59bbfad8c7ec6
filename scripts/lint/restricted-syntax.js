// Restricted syntax, as selectors for ESLint's no-restricted-syntax. Every message says what to do instead.

const unsafeSinks =
  'innerHTML|outerHTML|srcdoc|insertAdjacentHTML|setHTMLUnsafe|parseHTMLUnsafe|createContextualFragment'
const unsafeDirectives = 'unsafeHTML|unsafeSVG|unsafeMathML|unsafeStatic'
const asNodes = "User text becomes a tree of nodes, never a string of HTML: use Lit's html`…` or textContent."

export const unsafeRendering = [
  { selector: `MemberExpression[computed=false][property.name=/^(${unsafeSinks})$/]`, message: asNodes },
  {
    selector: `MemberExpression[computed=true] > Literal[value=/^(${unsafeSinks})$/].property`,
    message: asNodes,
  },
  { selector: `Property[key.name=/^(${unsafeSinks})$/]`, message: asNodes },
  { selector: `TemplateElement[value.raw=/\\.(${unsafeSinks})\\s*=\\s*["']?$/i]`, message: asNodes },
  { selector: `TemplateElement[value.raw=/\\bsrcdoc\\s*=/i]`, message: asNodes },
  { selector: `ImportSpecifier[imported.name=/^(${unsafeDirectives})$/]`, message: asNodes },
  { selector: `ImportDeclaration[source.value=/directives\\u002Funsafe-/]`, message: asNodes },
  { selector: `CallExpression[callee.name=/^(${unsafeDirectives})$/]`, message: asNodes },
  { selector: `CallExpression[callee.property.name='parseFromString']`, message: asNodes },
  {
    selector: `MemberExpression[object.name='document'][property.name=/^(write|writeln)$/]`,
    message: asNodes,
  },
]

const isEnterOnly =
  'The Enter that ends the composition of an input method is no Enter: use isEnter(event) of renderer/ui/keys.ts.'

export const bareEnter = [
  { selector: "BinaryExpression > Literal[value='Enter']", message: isEnterOnly },
  { selector: "SwitchCase > Literal[value='Enter']", message: isEnterOnly },
  { selector: "Property > Literal[value='Enter'].key", message: isEnterOnly },
  { selector: "Property > Identifier[name='Enter'].key", message: isEnterOnly },
  {
    selector: "MemberExpression[property.type='Identifier'][property.name='isComposing']",
    message: isEnterOnly,
  },
]

export const leakingRepeat = [
  {
    selector: "ImportDeclaration[source.value='lit/directives/repeat.js']",
    message:
      'Lit’s repeat leaves a comment for each item that it removes: use keyedList of renderer/ui/keyed-list.ts.',
  },
]

export const nativeTooltips = [
  {
    selector: String.raw`TemplateElement[value.raw=/\stitle\s*=\s*["']?($|[^"'\s>])/]`,
    message:
      'A native tooltip comes late, never by keyboard, and repeats the name: use data-tip, which renderer/ui/hb-tip.ts shows.',
  },
]

export const defaultExports = [
  {
    selector: 'ExportDefaultDeclaration',
    message: 'Export it by name: one name everywhere, and grep finds it.',
  },
  {
    selector: "ExportSpecifier[exported.name='default']",
    message: 'Export it by name: one name everywhere, and grep finds it.',
  },
]

export const barrels = [
  {
    selector: 'ExportAllDeclaration',
    message: 'No barrel files: let the importer name the file it means.',
  },
]

export const impureShared = [
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'shared is pure: take the time as a parameter.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'shared is pure: take the time as a parameter.',
  },
  {
    selector: "CallExpression[callee.name='Date']",
    message: 'shared is pure: take the time as a parameter.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'shared is pure: take the random bytes as a parameter.',
  },
]

const mock = 'CallExpression[callee.object.name=/^(vi|vitest)$/][callee.property.name=/^(mock|doMock)$/]'
const throughTheDoor =
  'Our own modules are not mocked: test through a request, a socket or a store, with the clock and the socket passed in.'

export const ownMocks = [
  { selector: `${mock}[arguments.0.value=/^[.\\u002F]/]`, message: throughTheDoor },
  {
    selector: `${mock}[arguments.0.type='ImportExpression'][arguments.0.source.value=/^[.\\u002F]/]`,
    message: throughTheDoor,
  },
]

const suites = '/^(it|test|describe|suite|bench)$/'
const runAll = 'Remove .only before you commit: it silences every other test.'

export const onlyTests = [
  { selector: `MemberExpression[property.name='only'][object.name=${suites}]`, message: runAll },
  { selector: `MemberExpression[property.name='only'][object.object.name=${suites}]`, message: runAll },
]

const noSleep =
  'Tests never sleep: wait for what you expect (an entry, an element, vi.waitFor), or pass the clock in. Deadlines live in test/support/.'

export const sleeps = [
  {
    selector: "NewExpression[callee.name='Promise'] CallExpression[callee.name='setTimeout']",
    message: noSleep,
  },
  { selector: "CallExpression[callee.property.name='waitForTimeout']", message: noSleep },
  { selector: 'ImportDeclaration[source.value=/^(node:)?timers\\u002Fpromises$/]', message: noSleep },
]

export const shellWindows = [
  {
    selector: 'CallExpression[callee.property.name=/^(loadURL|loadFile)$/]',
    message: 'Only main/ui/main-window.ts decides what a window loads, and it is always the app’s own page.',
  },
  {
    selector: 'NewExpression[callee.name=/^(BrowserWindow|BaseWindow|WebContentsView|BrowserView)$/]',
    message: 'Only main/ui/main-window.ts creates windows: use the one it has.',
  },
]

export const rawIpc = [
  {
    selector: "ImportSpecifier[imported.name='ipcMain']",
    message:
      'Only main/ipc/ipc-main.ts listens to the page: add a channel to main/ipc/schema.ts and a handler.',
  },
  {
    selector: "MemberExpression[property.name='ipc'][object.property.name=/^(webContents|mainFrame)$/]",
    message:
      'Only main/ipc/ipc-main.ts listens to the page: add a channel to main/ipc/schema.ts and a handler.',
  },
]

/** Rules and handlers of a noun: dispatch gives a read handler its snapshot and a write its operation. */
export const storeInRules = [
  {
    selector: "MemberExpression[property.name=/^(read|writer)$/][object.property.name='store']",
    message:
      'A rule takes `db` of its read handler or `op` of its operation, so that it sees one snapshot: pass that in instead of the store.',
  },
]
