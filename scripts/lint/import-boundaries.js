// The import boundaries of ARCHITECTURE.md, as one ESLint rule. Every message says where the import belongs instead.
//
// It resolves an import (which of our folders, which package) rather than matching text. It covers static imports,
// dynamic ones, re-exports and `import('…')` types alike.
import { isBuiltin } from 'node:module'
import path from 'node:path'

const ours = ['shared', 'server', 'renderer', 'main', 'test', 'bench', 'campaign', 'scripts']

/**
 * The folders of ours that each process may import. Folders without a line here (test, bench, campaign, scripts) may import
 * anything.
 */
const mayImport = {
  shared: ['shared'],
  server: ['server', 'shared'],
  renderer: ['renderer', 'shared'],
  main: ['main', 'shared'],
}

/**
 * The floors of a process, lowest first: a folder, or a file at the top of the process, imports its own floor and those
 * before it, types included. Names in brackets share one floor and may import each other. Files that are not listed
 * stand above all floors. A lazy import may go upwards: it does not load the module.
 */
const floors = {
  server: [
    // names and values that need nothing
    ...[
      'start-error',
      'database-address',
      'bus-address',
      'files-address',
      'log-file',
      'facts',
      'emoji',
      'ids',
      'locks',
      'validate',
      'addresses',
      'trusted-proxies',
      'hub-clock',
      'jobs',
      'measurements',
      'program-files',
      'content-encoding',
      'fair-queue',
      'in-sequence',
      'workers',
    ],
    ...['turns', 'unsent-responses'],
    ...['db', 'text-budget', 'caller', 'identity', 'tls', 'net'],
    // the row log and its rules; what needs sockets and requests is in standby
    'continuity',
    // the long-lived parts of a hub, and the context that holds them
    ...['access', 'passwords', 'file-storage', 'search-index', 'live', 'context'],
    ...['log', 'operation', 'define-handlers', 'request-locks', 'audit'],
    ...['users', 'cluster', 'tokens', 'sessions', 'invites'],
    // a message is all of these, and a new account joins the group for everyone
    ...['files', ['accounts', 'activity', 'chats', 'drafts', 'messages', 'threads', 'reactions'], 'previews'],
    ...['recovery', 'dispatch'],
    ...['profile', 'status', 'members', 'pins', 'saved', 'search', 'streams', 'bots', 'webhooks'],
    'app-packages',
    ...['wire-error', 'page-assets', 'pages', 'docs', 'socket', 'http', 'backup', 'standby', 'ops', 'admin'],
  ],
  main: [
    ...['shell-error', 'ports', 'text', 'json-file', 'log', 'settings', 'secret-box', 'unfinished-work'],
    ...['net', 'hubs', 'ipc', 'links', 'notify', 'security', 'protocol'],
    ...['ui', 'updates', 'discovery', 'host', 'desktop-integration'],
  ],
  renderer: [
    ...['signals', 'text', 'styles', 'ui'],
    ...['connection', 'sync', 'offline', 'state', 'navigation'],
    ...['accounts', 'emoji', 'status', 'users', 'reactions', 'search', 'files', 'messages', 'threads'],
    ...['notifications', 'activity', 'chats', 'members', 'pins', 'saved', 'settings', 'admin'],
    ...['app', 'desktop'],
  ],
}

/** The packages that shared may import. A new one must run without Node and without the DOM. */
const purePackages = ['typebox']

/** Packages that only one folder may import; other code goes through the module there. */
const homes = [
  {
    packages: ['ws', '@fastify/websocket'],
    zones: ['server'],
    home: ['server/live/', 'server/socket/', 'server/standby/'],
    message:
      'Only server/live/, server/socket/ and server/standby/ handle sockets: pass them what is to be sent.',
  },
  {
    packages: ['better-sqlite3'],
    zones: ['server'],
    home: ['server/db/', 'server/backup/', 'server/continuity/'],
    message:
      'Only server/db/, server/backup/ and server/continuity/ import the database driver: request a connection from them, or put the function there.',
  },
  {
    packages: ['pg'],
    zones: ['server'],
    home: 'server/db/postgres/',
    message:
      'Only server/db/postgres/ imports the driver of PostgreSQL, and is imported only with --database.',
  },
  {
    packages: ['@redis/client', '@nats-io/transport-node'],
    zones: ['server'],
    home: 'server/cluster/',
    message: 'Only server/cluster/ speaks with Redis and NATS, and loads their clients only with --bus.',
  },
  {
    packages: ['aws4fetch'],
    zones: ['server'],
    home: 'server/file-storage/s3/',
    message: 'Only server/file-storage/s3/ speaks with a bucket, and is loaded only for one.',
  },
  {
    packages: ['@preact/signals-core'],
    zones: ['renderer'],
    home: 'renderer/signals/signal.ts',
    message:
      "Import signals from renderer/signals/signal.ts, so that the page's one store library can be exchanged.",
  },
]

/** The modules of the shell that may import Electron. The rest is plain Node and runs in tests without it. */
const electronFacing = [
  'main/desktop-integration.ts',
  'main/entry.ts',
  'main/host/hosting-setup.ts',
  'main/host/electron-ports.ts',
  'main/start.ts',
  'main/preload.ts',
  'main/secret-box.ts',
  'main/ipc/ipc-main.ts',
  'main/security/guards.ts',
  'main/updates/system-updater.ts',
  'main/ui/',
]

/** Packages that run on Node only; in the page they would end up in the bundle. */
const nodePackages = [
  'fastify',
  'kysely',
  'better-sqlite3',
  'pg',
  '@redis/client',
  '@nats-io/transport-node',
  'pino',
  'ws',
  'scrypt-kdf',
  'tar-stream',
  'electron',
]

/** @type {import('eslint').Rule.RuleModule} */
export const boundaries = {
  meta: { type: 'problem', schema: [], messages: { wall: '{{ reason }}' } },
  create(context) {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join('/')

    function check(source, typeOnly, isLazy = false) {
      if (typeof source?.value !== 'string') return
      const reason = refusal(file, source.value, typeOnly, isLazy)
      if (reason) context.report({ node: source, messageId: 'wall', data: { reason } })
    }

    return {
      ImportDeclaration: (node) => check(node.source, isTypeOnly(node)),
      ExportNamedDeclaration: (node) => check(node.source, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node.source, node.exportKind === 'type'),
      ImportExpression: (node) => check(node.source, false, true),
      TSImportType: (node) => check(node.source ?? node.argument?.literal, true),
    }
  },
}

/** `import { type A }` still loads the module under verbatimModuleSyntax, so only `import type` counts. */
function isTypeOnly(node) {
  return node.importKind === 'type'
}

/** Returns why `file` may not import `specifier`, or undefined. */
function refusal(file, specifier, typeOnly, isLazy) {
  const zone = file.split('/')[0]
  if (isPath(specifier)) return refusalOfPath(file, zone, specifier, isLazy)
  if (isBuiltin(specifier)) return refusalOfBuiltin(zone, specifier)
  return refusalOfPackage(file, zone, packageOf(specifier), typeOnly)
}

function refusalOfPath(file, zone, specifier, isLazy) {
  const target = path.posix.join(path.posix.dirname(file), specifier.replace(/\?.*$/, ''))
  const targetZone = target.split('/')[0]
  const allowed = mayImport[zone]
  if (allowed && ours.includes(targetZone) && !allowed.includes(targetZone)) {
    const others = allowed.filter((name) => name !== zone)
    const may = others.length > 0 ? `only ${others.join(', ')}` : 'nothing'
    return `${zone} imports ${may} of ours, never ${targetZone}: move what both need to shared, or pass it in.`
  }
  if (!path.posix.extname(target)) {
    return `Name the file you mean with its extension, as node runs it: '${specifier}.ts'.`
  }
  if (targetZone === zone && !isLazy) return refusalOfFloor(file, zone, target)
}

function refusalOfFloor(file, zone, target) {
  const order = floors[zone]
  const [from, to] = [floorOf(file), floorOf(target)]
  if (!order || from === to) return
  const indexOf = (name) => order.findIndex((floor) => [floor].flat().includes(name))
  if (indexOf(from) < 0 && file.split('/').length > 2)
    return `${zone}/${from}/ has no floor: add it to \`floors\` in scripts/lint/import-boundaries.js.`
  if (indexOf(from) < 0) return
  if (indexOf(to) < 0 || indexOf(to) > indexOf(from))
    return `${from} is below ${to} in ${zone}: move what both need to a lower floor, or pass it in.`
}

/** 'renderer/chats/hb-chat-list.ts' is of the floor chats, 'server/ids.ts' of ids. */
function floorOf(file) {
  return file.split('/')[1].replace(/\.[jt]s$/, '')
}

function refusalOfBuiltin(zone, specifier) {
  if (zone === 'shared')
    return 'shared is pure and may not import Node: pass in what it needs, or move this to server or main.'
  if (zone === 'renderer')
    return 'The page may not import Node: use what the browser offers, or send the hub a request.'
  if (!specifier.startsWith('node:'))
    return `Write 'node:${specifier}', so that it cannot be mistaken for a package.`
}

function refusalOfPackage(file, zone, name, typeOnly) {
  const home = homes.find((one) => one.packages.includes(name) && one.zones.includes(zone))
  if (home && ![home.home].flat().some((folder) => file.startsWith(folder))) return home.message
  if (zone === 'shared' && !purePackages.includes(name)) {
    return `shared is pure and imports only ${purePackages.join(', ')}: pass in the result of ${name}, or use it in server, renderer or main.`
  }
  if (zone === 'shared' && name === 'typebox' && !typeOnly) {
    return 'Write schemas with Type of shared/contract/type.ts: typebox itself loads 370 modules at each start of the hub.'
  }
  if (zone === 'renderer' && name === 'typebox' && !typeOnly) {
    return 'Use `import type` for typebox in the page: its CSP refuses the compiled validators, and the code is dead weight.'
  }
  if (zone === 'renderer' && (nodePackages.includes(name) || name.startsWith('@fastify/'))) {
    return `${name} runs on Node only: the page uses a request to the hub instead.`
  }
  if (
    zone === 'main' &&
    name === 'electron' &&
    !typeOnly &&
    !electronFacing.some((one) => file.startsWith(one))
  ) {
    return 'This part of the shell is plain Node: take what you need from Electron as a port (main/ports.ts), wired in main/start.ts.'
  }
  if (['test', 'bench', 'campaign', 'scripts'].includes(zone) && name === 'electron' && !typeOnly) {
    return 'Importing electron here would start its download: the desktop suite runs the built app (test/desktop/driver.ts).'
  }
  if (['server', 'shared'].includes(zone) && name === 'electron') {
    return 'The hub may not import Electron: put this in main and pass the hub what it needs.'
  }
}

function isPath(specifier) {
  return specifier.startsWith('.') || specifier.startsWith('/')
}

/** 'typebox/value' belongs to the package typebox, '@fastify/static/x' to @fastify/static. */
function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
