import { expect, test } from 'vitest'
import { readOptions, startCommand } from '../../server/options.ts'
import type { CliEnvironment } from '../../server/serve-options.ts'

function parseOptions(args: string[], changes: Partial<CliEnvironment> = {}) {
  return readOptions(args, { env: {}, platform: 'linux', home: '/home/ann', cwd: '/here', ...changes })
}

test('without options the hub listens on loopback at port 7788 and uses the data directory of the platform', () => {
  expect(parseOptions([])).toEqual({
    name: 'serve',
    dataDir: '/home/ann/.local/share/hubbub',
    host: '127.0.0.1',
    browsers: true,
    port: 7788,
    allowPlainHttp: false,
    loadTest: false,
    setupCode: undefined,
  })
})

test('each platform has its own default data directory', () => {
  const dataDir = (changes: Partial<CliEnvironment>) =>
    (parseOptions([], changes) as { dataDir: string }).dataDir
  expect(dataDir({ env: { XDG_DATA_HOME: '/xdg' } })).toBe('/xdg/hubbub')
  expect(dataDir({ env: { XDG_DATA_HOME: 'relative' } })).toBe('/home/ann/.local/share/hubbub')
  expect(dataDir({ platform: 'darwin', home: '/Users/ann' })).toBe(
    '/Users/ann/Library/Application Support/Hubbub',
  )
  expect(dataDir({ platform: 'win32', env: { LOCALAPPDATA: '/local' } })).toBe('/local/Hubbub')
})

test('an option overrides the environment, and an empty variable is ignored', () => {
  const env = { HUBBUB_PORT: '80', HUBBUB_HOST: '', HUBBUB_DATA: '/env', HUBBUB_SETUP_CODE: '' }
  expect(parseOptions(['--port=0', '--data', 'sub'], { env })).toMatchObject({
    port: 0,
    host: '127.0.0.1',
    dataDir: '/here/sub',
    setupCode: undefined,
  })
  expect(parseOptions([], { env })).toMatchObject({ port: 80, dataDir: '/env' })
})

test('the text of a user and day is given in MiB', () => {
  const given = { textBytesPerDay: 256 * 1024 * 1024 }
  expect(parseOptions(['--text-per-day', '256'])).toMatchObject(given)
  expect(parseOptions([], { env: { HUBBUB_TEXT_PER_DAY: '256' } })).toMatchObject(given)
  expect(parseOptions([])).not.toHaveProperty('textBytesPerDay')
  for (const text of ['0', '-1', '1.5', '1e3', 'much', '1000000'])
    expect(() => parseOptions([`--text-per-day=${text}`])).toThrow('is not a number of MiB')
})

test('processes of a cluster share the key of their hub, and a hub of one process has its own', () => {
  expect(parseOptions(['--cluster', '--identity', 'keys'])).toMatchObject({
    isCluster: true,
    identity: '/here/keys',
  })
  expect(parseOptions(['--cluster'])).not.toHaveProperty('identity')
  expect(() => parseOptions(['--identity', 'keys'])).toThrow('give --cluster too')
})

test('a folder for files is for a hub with a database server', () => {
  const env = { HUBBUB_DATABASE: 'postgres:///hubbub' }
  expect(parseOptions(['--files', 'shared'], { env })).toMatchObject({ files: '/here/shared' })
  expect(() => parseOptions(['--files', 'shared'])).toThrow('give --database too')
  const bucket = 's3://team-files/hub?endpoint=https://s3.example.com&region=eu-1'
  expect(parseOptions(['--files', bucket], { env })).toMatchObject({ files: bucket })
  expect(parseOptions([], { env: { ...env, HUBBUB_FILES: bucket } })).toMatchObject({ files: bucket })
  expect(parseOptions([], { env: { HUBBUB_FILES: bucket } })).not.toHaveProperty('files')
  for (const [text, error] of [
    ['s3://KEY:SECRET@team-files', 'may not contain its keys'],
    ['s3://x', 'is not valid'],
    ['s3://team-files/a/../b c', 'cannot be used'],
    ['s3://team-files?endpoint=ftp://a', 'is not an endpoint'],
    ['s3://team-files?endpoint=https://KEY:SECRET@a', 'is not an endpoint'],
    ['s3://team-files?secret=a', 'unknown part "secret"'],
  ] as const) {
    expect(() => parseOptions(['--files', text], { env }), text).toThrow(error)
  }
})

test('the address of a database may have its password in the environment only', () => {
  const secret = 'postgres://ann:secret@db.example.com/hubbub'
  const database = 'postgresql://ann@db.example.com:5433/hubbub?sslmode=verify-full'
  const env = { HUBBUB_DATABASE: secret }
  expect(parseOptions([])).not.toHaveProperty('database')
  expect(parseOptions([], { env: { HUBBUB_DATABASE: '' } })).not.toHaveProperty('database')
  expect(parseOptions(['--database', database])).toMatchObject({ database })
  for (const args of [
    [],
    ['backup', '--to', 'f'],
    ['restore', '--from', 'f', '--data', 'd'],
    ['reset-owner', '--data', 'd'],
    ['doctor', '--data', 'd'],
  ]) {
    expect(parseOptions(args, { env })).toMatchObject({ database: secret })
    // the option wins
    expect(parseOptions([...args, `--database=${database}`], { env })).toMatchObject({ database })
    for (const address of [secret, 'postgres:///hubbub?host=/run/postgresql&password=secret'])
      expect(() => parseOptions([...args, '--database', address]), address).toThrow(
        /^Everybody on this computer can read a password after --database: .*HUBBUB_DATABASE/,
      )
  }
  for (const address of [
    'mysql://ann@db/hubbub',
    'db.example.com',
    'postgres:hubbub',
    'postgres://ann@db:port/x',
  ])
    expect(() => parseOptions(['--database', address]), address).toThrow(
      'The address in --database is not valid',
    )
  // no error repeats a password
  expect(() => parseOptions([], { env: { HUBBUB_DATABASE: 'post://ann:secret@db' } })).toThrow(
    /^The address in HUBBUB_DATABASE is not valid(?!.*secret)/,
  )
})

test('a bus belongs to a cluster, and its password is in the environment only', () => {
  const bus = 'redis://chat.example.com:6379'
  expect(parseOptions(['--cluster', '--bus', bus])).toMatchObject({ isCluster: true, bus })
  expect(parseOptions(['--cluster', '--bus', 'tls://[::1]:4222?ca=%2Fca.pem'])).toHaveProperty('bus')
  const secret = 'rediss://:p%40ss@chat.example.com'
  const env = { HUBBUB_BUS: secret }
  expect(parseOptions(['--cluster'], { env })).toMatchObject({ bus: secret })
  // the variable is there for other hubs of the computer too
  expect(parseOptions([], { env })).not.toHaveProperty('bus')
  expect(() => parseOptions(['--bus', bus])).toThrow('give --cluster too')
  for (const address of [secret, 'nats://token@chat.example.com']) {
    expect(() => parseOptions(['--cluster', '--bus', address]), address).toThrow(
      /^Everybody on this computer can read a password after --bus: .*HUBBUB_BUS/,
    )
  }
  for (const address of ['localhost:6379', 'amqp://localhost', 'redis://', 'http://localhost']) {
    expect(() => parseOptions(['--cluster', '--bus', address]), address).toThrow(
      'The address in --bus is not',
    )
  }
  expect(() => parseOptions(['--cluster', '--bus', `${bus}?cert=x`])).toThrow('unknown part "cert"')
})

test('the number of live connections is a whole one', () => {
  expect(parseOptions(['--connections', '300'])).toMatchObject({ maxConnections: 300 })
  for (const text of ['0', '-1', '1.5', '1000000', 'many'])
    expect(() => parseOptions(['--connections', text]), text).toThrow('is no number for --connections')
})

test('a process of a cluster sends its sockets elsewhere for 30 s, unless another time is given', () => {
  expect(parseOptions(['--cluster'])).toMatchObject({ drainMs: 30_000 })
  expect(parseOptions(['--cluster', '--drain', '0'])).toMatchObject({ drainMs: 0 })
  expect(parseOptions([])).not.toHaveProperty('drainMs')
  expect(() => parseOptions(['--drain', '5'])).toThrow('give --cluster too')
  for (const time of ['5s', '-1', '3601', '1.5'])
    expect(() => parseOptions(['--cluster', '--drain', time]), time).toThrow('is no time for --drain')
})

test('a standby has a file, so it takes no database server', () => {
  const args = ['standby', '--of', 'https://10.0.0.1:7788', '--data', 'd']
  const more = ['--fingerprint', 'x', '--code', 'y']
  expect(() => parseOptions([...args, ...more, '--database', 'postgres://db/hubbub'])).toThrow('--help lists')
  expect(() =>
    parseOptions(['standby', '--data', 'd'], { env: { HUBBUB_DATABASE: 'postgres://db/hubbub' } }),
  ).toThrow('leave HUBBUB_DATABASE out')
})

test('deciding-vote asks who decides, or gives the vote', () => {
  const asked = { name: 'deciding-vote', dataDir: '/here/d' }
  expect(parseOptions(['deciding-vote', '--data', 'd'])).toEqual({ ...asked, to: undefined })
  for (const to of ['hub', 'standby', 'third'])
    expect(parseOptions(['deciding-vote', '--data', 'd', '--to', to])).toEqual({ ...asked, to })
})

test('an IPv6 host may be in brackets', () => {
  expect(parseOptions(['--host', '[::1]'])).toMatchObject({ host: '::1' })
})

test('backup and restore take the paths of their files', () => {
  expect(parseOptions(['backup', '--data', 'd', '--to', 'f.tar'])).toEqual({
    name: 'backup',
    dataDir: '/here/d',
    to: '/here/f.tar',
  })
  expect(parseOptions(['restore', '--from=/f.tar', '--data', 'd'])).toEqual({
    name: 'restore',
    dataDir: '/here/d',
    from: '/f.tar',
  })
})

test('the options for remote access are parsed', () => {
  expect(parseOptions(['--lan'])).toMatchObject({ lan: true, host: '127.0.0.1' })
  expect(parseOptions(['--interfaces', 'eth0, wlan0'])).toMatchObject({
    lan: { interfaces: ['eth0', 'wlan0'] },
  })
  const given = parseOptions([
    '--public-url',
    'https://Chat.Example.com',
    '--tls-cert',
    'c.pem',
    '--tls-key=/k.pem',
    '--no-browsers',
  ])
  expect(given).toMatchObject({ tls: { cert: '/here/c.pem', key: '/k.pem' }, browsers: false })
  expect((given as { publicUrl: URL }).publicUrl.origin).toBe('https://chat.example.com')
})

const standbyLink = `hubbub://standby?a=10.0.0.5:7788&fp=${'x'.repeat(42)}w&code=abcdefghij`
const voteLink = `${standbyLink}&kind=vote`

test.each([
  [['--lan', '--host', '10.0.0.1'], 'leave one of them out'],
  [['--interfaces', 'eth0,'], 'not a list of network interfaces'],
  [['--public-url', 'chat.example.com'], 'without a path'],
  [['--trust-proxy', '10.0.0.5'], 'with --public-url'],
  ...['10.0.0.5,', 'proxy', '10.0.0.0/33', '0.0.0.0/0', '::/0', '10.0.0.0/8/8', '10.0.0.0/x'].map(
    (list): [string[], string] => [
      ['--public-url', 'https://chat.example.com', '--trust-proxy', list],
      'is not a network for --trust-proxy',
    ],
  ),
  [['--public-url', 'http://chat.example.com'], 'without a path'],
  [['--public-url', 'https://chat.example.com/hub'], 'without a path'],
  [['--public-url', 'https://me:you@chat.example.com'], 'without a path'],
  [['--tls-cert', 'c.pem'], 'give both'],
  [['--tls-key', 'k.pem'], 'give both'],
  [['--nope'], 'Unknown argument "--nope"'],
  [['nope'], 'commands backup, restore, reset-owner, doctor, grant'],
  [['deciding-vote'], 'deciding-vote needs --data'],
  [['deciding-vote', '--data', 'd', '--to', 'ann'], 'give the vote to hub, standby or third'],
  [['-p', '1'], 'Unknown argument "-p"'],
  [['--port'], '--port needs a value'],
  [['--port', '--load-test'], '--port needs a value'],
  [['--port', 'http'], '"http" is not a port'],
  [['--port', '65536'], 'is not a port'],
  [['--port', '1e3'], 'is not a port'],
  [['--port', '1', '--port', '2'], 'given twice'],
  [['--load-test=yes'], 'takes no value'],
  [['--host', 'a/b'], 'is not a host'],
  [['--to', 'x'], 'Unknown argument "--to"'],
  [['vote', '--data', 'd', '--port', '1'], 'Unknown argument "--port"'],
  [['vote', '--of', voteLink], 'vote needs --data'],
  [['vote', '--data', 'd', '--of', standbyLink], 'use it with "standby"'],
  [['standby', '--data', 'd', '--of', voteLink], 'use it with "vote"'],
  [['status', '--data', 'd', '--yes'], 'Unknown argument "--yes"'],
  [['backup', '--port', '1'], 'Unknown argument "--port"'],
  [['backup'], 'backup needs --to'],
  [['restore', '--data', 'd'], 'restore needs --from'],
  [['restore', '--from', 'f'], 'restore needs --data'],
])('%j is rejected with a sentence', (args, sentence) => {
  expect(() => parseOptions(args)).toThrow(sentence)
})

test.each([
  ['1234567', '8 characters'],
  ['two\nlines', 'line breaks'],
  [' spaced  ', 'spaces around'],
])('the set-up code %j is rejected', (code, sentence) => {
  expect(() => parseOptions([], { env: { HUBBUB_SETUP_CODE: code } })).toThrow(sentence)
})

test('the command that opens the hub repeats its options but those for who can connect', () => {
  const command = (
    args: string[],
    { event = 'hub', platform = 'linux' }: { event?: string; platform?: NodeJS.Platform } = {},
  ) => startCommand(args, ['--lan'], { env: { npm_lifecycle_event: event }, platform })
  expect(command([], { event: 'start' })).toBe('npm start -- --lan')
  expect(command([])).toBe('npm run hub -- --lan')
  expect(command(['--data=/srv/hub', '--port', '80', '--host', '10.0.0.1', '--load-test'])).toBe(
    'npm run hub -- --data /srv/hub --port 80 --lan',
  )
  expect(command(['--no-browsers', '--data', "/srv/ann's hub"])).toBe(
    `npm run hub -- --no-browsers --data '/srv/ann'\\''s hub' --lan`,
  )
  expect(command(['--data', 'C:\\My hub'], { platform: 'win32' })).toBe(
    'npm run hub -- --data "C:\\My hub" --lan',
  )
})

test('--ops-port opens a port for monitoring, on this computer unless --ops-host says otherwise', () => {
  const opsOf = (args: string[], env = {}) => {
    const command = parseOptions(args, { env })
    return command.name === 'serve' ? command.ops : undefined
  }
  expect(opsOf([])).toBe(undefined)
  expect(opsOf(['--ops-port', '9464'])).toEqual({ port: 9464, host: '127.0.0.1' })
  expect(opsOf([], { HUBBUB_OPS_PORT: '9464' })).toEqual({ port: 9464, host: '127.0.0.1' })
  const token = 'sixteen-or-more-1'
  expect(opsOf(['--ops-port', '0', '--ops-host', '10.0.0.5'], { HUBBUB_OPS_TOKEN: token })).toEqual({
    ...{ port: 0, host: '10.0.0.5', token },
  })
  expect(() => opsOf(['--ops-host', '10.0.0.5'])).toThrow('give --ops-port too')
  expect(() => opsOf(['--ops-port', 'x'])).toThrow('is not a port')
  for (const bad of ['short', 'sixteen or more 1', 'sechzehn-oder-mehr-ü']) {
    expect(() => opsOf(['--ops-port', '0'], { HUBBUB_OPS_TOKEN: bad })).toThrow('HUBBUB_OPS_TOKEN')
  }
})

test('--backups takes up to four folders or none, also from the environment', () => {
  const backupsOf = (args: string[], env = {}) => {
    const command = readOptions(args, { env, platform: 'linux', home: '/home/ann', cwd: '/srv' })
    return command.name === 'serve' ? command.backups : undefined
  }
  expect(backupsOf([])).toBe(undefined)
  expect(backupsOf(['--backups', '/mnt/usb, nas'])).toEqual(['/mnt/usb', '/srv/nas'])
  expect(backupsOf(['--backups', 'none'], { HUBBUB_BACKUPS: '/mnt/usb' })).toBe('none')
  expect(backupsOf([], { HUBBUB_BACKUPS: '/mnt/usb' })).toEqual(['/mnt/usb'])
  for (const list of ['a,,b', 'a,b,c,d,e', ','])
    expect(() => backupsOf(['--backups', list])).toThrow('up to four folders')
})
