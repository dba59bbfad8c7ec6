import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openWriter } from '../../server/db/sqlite/connection.ts'
import { hubProgram } from '../support/build-program.ts'
import { newDataDir } from '../support/data-dir.ts'
import { password, TestUser } from '../support/test-user.ts'

interface CliProcess {
  child: ChildProcess
  stdout: () => string
  stderr: () => string
  /** Its exit code, once the process has ended. */
  exitCode: Promise<number | null>
  /** The lines it prints when it is ready. */
  readyLines: () => Promise<string[]>
}

function startCli(args: string[], env: NodeJS.ProcessEnv = {}, nodeOptions: string[] = []): CliProcess {
  const { HUBBUB_DATA: _d, HUBBUB_HOST: _h, HUBBUB_PORT: _p, HUBBUB_SETUP_CODE: _s, ...rest } = process.env
  const child = spawn(process.execPath, [...nodeOptions, ...hubProgram, ...args], {
    env: { ...rest, HUBBUB_LOG: 'error', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return {
    child,
    stdout: () => out,
    stderr: () => err,
    exitCode: ended,
    readyLines: () =>
      vi.waitFor(
        () => {
          if (child.exitCode !== null) throw new Error(`the hub ended: ${err}`)
          expect(out).toMatch(/^hub listening at .+\n/)
          return out.trimEnd().split('\n')
        },
        { timeout: 20_000, interval: 20 },
      ),
  }
}

/** The one sentence on stderr of a start that fails: nothing on stdout, exit code 1. */
async function startupErrorOf(
  args: string[],
  env: NodeJS.ProcessEnv = {},
  nodeOptions: string[] = [],
): Promise<string> {
  const program = startCli(args, env, nodeOptions)
  expect(await program.exitCode, program.stderr()).toBe(1)
  expect(program.stdout()).toBe('')
  expect(program.stderr()).toMatch(/^[^\n]+\.\n$/)
  return program.stderr().trim()
}

function urlFrom(lines: string[]): string {
  return (lines[0] as string).replace('hub listening at ', '')
}

test('prints its address and, until the hub has an owner, the set-up code', async () => {
  const dir = newDataDir()
  const hub = startCli(['--data', dir, '--port', '0'])
  const lines = await hub.readyLines()
  expect(lines).toEqual([
    expect.stringMatching(/^hub listening at http:\/\/127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^set-up code: [a-z]{5}-[a-z]{5}-[a-z]{5}$/),
  ])
  const code = (lines[1] as string).replace('set-up code: ', '')
  await TestUser.setUp(urlFrom(lines), { code, username: 'olga' })
  hub.child.kill('SIGTERM')
  expect(await hub.exitCode).toBe(0)
  expect(hub.stderr()).toBe('')

  const again = startCli(['--data', dir, '--port', '0'])
  expect(await again.readyLines()).toHaveLength(1)
})

test('takes set-up code, directory, port and host from the environment', async () => {
  const dir = join(newDataDir(), 'made', 'on the way')
  const hub = startCli([], {
    HUBBUB_DATA: dir,
    HUBBUB_PORT: '0',
    HUBBUB_HOST: 'localhost',
    HUBBUB_SETUP_CODE: 'correct horse',
  })
  const lines = await hub.readyLines()
  expect(lines[1]).toBe('set-up code: correct horse')
  expect(existsSync(join(dir, 'hub.db'))).toBe(true)
  await TestUser.setUp(urlFrom(lines), { code: 'correct horse', username: 'olga' })
})

test.skipIf(process.platform === 'win32')('creates its files for its own account only', async () => {
  const dir = join(newDataDir(), 'data')
  await startCli(['--data', dir, '--port', '0']).readyLines()
  // the command line finds it without a folder that only a hub with other computers needs
  expect(existsSync(join(dir, 'continuity'))).toBe(false)
  // it opens after the port
  await expect.poll(() => existsSync(join(dir, 'control'))).toBe(true)
  for (const name of ['', 'hub.db', 'hub.db-wal', 'identity', 'identity/hub-key.pem', 'control']) {
    expect(statSync(join(dir, name)).mode & 0o077, name).toBe(0)
  }
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends the hub within 5 s with open sockets and loses no data',
  async (signal) => {
    const dir = newDataDir()
    const args = ['--data', dir, '--port', '0', '--load-test']
    const env = { HUBBUB_SETUP_CODE: 'test-code-1' }
    const hub = startCli(args, env)
    const lines = await hub.readyLines()
    expect(lines).toContainEqual(expect.stringContaining('rate limits are off'))
    const olga = await TestUser.setUp(urlFrom(lines), { code: 'test-code-1', username: 'olga' })
    const client = await olga.connect()
    const chat = await olga.createGroup('Talk')
    const halfARequest = connect(Number(new URL(olga.url).port), '127.0.0.1')
    halfARequest.on('error', () => {}).write('GET / HTTP/1.1\r\n')
    let started = 0
    const end = (): void => {
      if (started > 0) return
      started = performance.now()
      hub.child.kill(signal)
      // npm passes on a signal that the terminal has already sent to the whole group
      hub.child.kill(signal)
    }
    const sent = await Promise.allSettled(
      Array.from({ length: 50 }, async (_, i) => {
        const message = await olga.sendMessage(chat.id, `message ${i}`)
        end()
        return message
      }),
    )
    expect(await hub.exitCode).toBe(0)
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(await client.whenClosed()).toMatchObject({ code: 1012 })

    const acknowledged = sent.flatMap((one) => (one.status === 'fulfilled' ? [one.value.id] : []))
    expect(acknowledged.length).toBeGreaterThan(0)
    const again = olga.atUrl(urlFrom(await startCli(args, env).readyLines()))
    const { messages } = await again.request('messages.list', { chatId: chat.id, limit: 100 })
    expect(messages.map(({ id }) => id)).toEqual(expect.arrayContaining(acknowledged))
  },
)

test('a signal during start-up ends the hub', async () => {
  const dir = newDataDir()
  const hub = startCli(['--data', dir, '--port', '0'])
  await vi.waitFor(() => expect(existsSync(join(dir, 'hub.lock'))).toBe(true), {
    timeout: 20_000,
    interval: 2,
  })
  hub.child.kill('SIGTERM')
  expect(await hub.exitCode).toBe(0)
  expect(hub.stderr()).toBe('')
})

test('the log contains no message text and no secret at any level', async () => {
  const hub = startCli(['--data', newDataDir(), '--port', '0'], {
    HUBBUB_LOG: 'trace',
    HUBBUB_SETUP_CODE: 'opensesame',
  })
  const olga = await TestUser.setUp(urlFrom(await hub.readyLines()), { code: 'opensesame', username: 'olga' })
  const chat = await olga.createGroup('Heist')
  await olga.sendMessage(chat.id, 'the diamonds are in the piano')
  await olga.sendMessage(chat.id, '\0 of the piano').catch(() => {})
  await fetch(`${olga.url}/api/login`, { method: 'POST', body: '{"password":"piano' })
  await fetch(`${olga.url}/api/users?query=piano`)
  hub.child.kill('SIGTERM')
  await hub.exitCode
  expect(hub.stderr()).toContain('"msg":"ready"')
  for (const word of ['piano', 'Heist', 'opensesame', olga.token, olga.recoveryKey, password]) {
    expect(hub.stderr()).not.toContain(word)
  }
})

test('the log is JSON where no terminal is, and words if asked', async () => {
  const args = ['--data', newDataDir(), '--port', '0']
  const env = { HUBBUB_LOG: 'info' }
  const json = startCli(args, env)
  await json.readyLines()
  json.child.kill('SIGTERM')
  await json.exitCode
  const entries = json
    .stderr()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string })
  expect(entries.map(({ msg }) => msg)).toEqual(['ready', 'ending'])

  const text = startCli([...args, '--log', 'text'], env)
  await text.readyLines()
  text.child.kill('SIGTERM')
  await text.exitCode
  expect(text.stderr()).toMatch(/^\d\d:\d\d:\d\d ending signal=SIGTERM\n$/)
})

// util-linux's `script` gives a program a terminal
test.skipIf(process.platform !== 'linux')('the log at a terminal is words after the address', async () => {
  const command = `${process.execPath} ${hubProgram.join(' ')} --data ${newDataDir()} --port 0`
  const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
    env: { ...process.env, HUBBUB_LOG: 'info', NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void terminal.kill('SIGKILL'))
  let screen = ''
  terminal.stdout.on('data', (chunk: Buffer) => (screen += chunk.toString()))
  await vi.waitFor(() => expect(screen).toMatch(/set-up code: \S+\s/), { timeout: 20_000, interval: 20 })
  // Ctrl+C
  terminal.stdin.write('\x03')
  await once(terminal, 'close')
  expect(screen.replaceAll('\r', '').replace('^C', '')).toMatch(
    /^hub listening at http:\S+\nset-up code: \S+\n\d\d:\d\d:\d\d ending signal=SIGINT\n$/,
  )
})

test('keeps running when its output pipe is closed', async () => {
  const hub = startCli(['--data', newDataDir(), '--port', '0'], { HUBBUB_LOG: 'trace' })
  const url = urlFrom(await hub.readyLines())
  hub.child.stdout?.destroy()
  hub.child.stderr?.destroy()
  for (let i = 0; i < 20; i += 1) expect((await fetch(`${url}/api/nothing`)).status).toBe(404)
  expect(hub.child.exitCode).toBe(null)
})

test('a second hub on the same directory fails to start, and the first keeps running', async () => {
  const dir = newDataDir()
  const first = startCli(['--data', dir, '--port', '0'])
  const url = urlFrom(await first.readyLines())
  expect(await startupErrorOf(['--data', dir, '--port', '0'])).toContain(`Another hub is running on ${dir}`)
  expect((await fetch(`${url}/api/meta`)).status).toBe(200)
})

test('the directory of a killed hub can be used at once', async () => {
  const dir = newDataDir()
  const hub = startCli(['--data', dir, '--port', '0'])
  await hub.readyLines()
  hub.child.kill('SIGKILL')
  await hub.exitCode
  await startCli(['--data', dir, '--port', '0']).readyLines()
})

test('a start on a busy port fails and releases the directory', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const dir = newDataDir()
  expect(await startupErrorOf(['--data', dir, '--port', String(port)])).toContain(`Port ${port} is in use`)
  await startCli(['--data', dir, '--port', '0']).readyLines()
})

test('a newer database is rejected and left unchanged', async () => {
  const dir = newDataDir()
  const hub = startCli(['--data', dir, '--port', '0'])
  await hub.readyLines()
  hub.child.kill('SIGTERM')
  await hub.exitCode
  const { raw } = openWriter(join(dir, 'hub.db'))
  raw.pragma('user_version = 9999')
  raw.close()
  expect(await startupErrorOf(['--data', dir, '--port', '0'])).toContain('newer Hubbub')
})

test('a path that cannot be a directory is rejected', async () => {
  const file = join(newDataDir(), 'file')
  writeFileSync(file, '')
  expect(await startupErrorOf(['--data', file])).toContain('not a directory')
  expect(await startupErrorOf(['--data', join(file, 'below')])).toContain('not a directory')
})

test('a file that is not a database is rejected', async () => {
  const dir = newDataDir()
  const hub = startCli(['--data', dir, '--port', '0'])
  await hub.readyLines()
  hub.child.kill('SIGTERM')
  await hub.exitCode
  writeFileSync(join(dir, 'hub.db'), 'not a database, but long enough to be looked at'.repeat(100))
  expect(await startupErrorOf(['--data', dir, '--port', '0'])).toContain('is damaged')
})

test('an older Node is rejected before the database driver is loaded', async () => {
  const pretend = `data:text/javascript,
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.19.0' } })
    process.dlopen = () => process.exit(77)`
  const published = await startupErrorOf(['--data', newDataDir()], {}, [
    '--import',
    pretend.replace(/\n\s*/g, ';'),
  ])
  expect(published).toContain('Node 24')
})

test('listens beyond loopback only with TLS, unless --allow-plain-http is given', async () => {
  const dir = newDataDir()
  for (const more of [['--host', '0.0.0.0'], ['--lan']]) {
    expect(await startupErrorOf(['--data', dir, ...more, '--load-test'])).toContain('--load-test')
  }
  const open = startCli(['--data', dir, '--port', '0', '--lan'])
  expect((await open.readyLines())[0]).toMatch(/^hub listening at http:\/\/localhost:\d+$/)
})

test('an unknown option or invalid variable is rejected with a sentence', async () => {
  expect(await startupErrorOf(['--prot', '7'])).toContain('"--prot"')
  expect(await startupErrorOf([], { HUBBUB_LOG: 'loud', HUBBUB_DATA: newDataDir() })).toContain('HUBBUB_LOG')
  expect(await startupErrorOf([], { HUBBUB_SETUP_CODE: 'short' })).toContain('8 characters')
})

test('a computer sends nothing to the hub of a link before its user has agreed', async () => {
  let connections = 0
  const hub = createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void hub.close())
  const { port } = hub.address() as AddressInfo
  const link = `hubbub://standby?a=127.0.0.1:${port}&fp=${'x'.repeat(42)}w&code=abcdefghij&n=Yard`
  const run = async (...more: string[]): Promise<CliProcess> => {
    const program = startCli(['standby', '--of', link, '--data', newDataDir(), ...more])
    expect(await program.exitCode, program.stderr()).toBe(1)
    return program
  }
  const asked = await run()
  expect(asked.stdout()).toContain(`hub: “Yard”, 127.0.0.1:${port}\nwords of this hub: `)
  expect(asked.stderr()).toBe(
    'Nothing was sent. Add --yes to agree, since there is no terminal to ask you at.\n',
  )
  expect(connections).toBe(0)
  const agreed = await run('--yes')
  expect(agreed.stderr()).toContain('The hub could not be reached')
  expect(connections).toBeGreaterThan(0)
})

test('standby and vote without a link are for a directory that has joined: they begin no hub', async () => {
  for (const command of ['standby', 'vote']) {
    const dir = newDataDir()
    expect(await startupErrorOf([command, '--data', dir])).toContain('has not joined a hub yet: give --of')
    expect(readdirSync(dir)).toEqual([])
  }
})

test('--help and --version print without starting a hub', async () => {
  const help = startCli(['--help'])
  expect(await help.exitCode).toBe(0)
  expect(help.stdout()).toContain('--allow-plain-http')
  const version = startCli(['--version'])
  expect(await version.exitCode).toBe(0)
  expect(version.stdout()).toMatch(/^hubbub \d+\.\d+\.\d+\n$/)
})

test('promote says that a hub without other computers is the hub already', async () => {
  const dir = newDataDir()
  await startCli(['--data', dir, '--port', '0']).readyLines()
  const promote = startCli(['promote', '--force', '--data', dir])
  expect(await promote.exitCode, promote.stderr()).toBe(0)
  expect(promote.stdout()).toBe('this computer is the hub already: nothing was changed\n')
})

test('a backup of a running hub restores elsewhere with the same messages', async () => {
  const dir = newDataDir()
  const file = join(newDataDir(), 'backup.tar')
  const env = { HUBBUB_SETUP_CODE: 'test-code-1' }
  const url = urlFrom(await startCli(['--data', dir, '--port', '0', '--load-test'], env).readyLines())
  const olga = await TestUser.setUp(url, { code: 'test-code-1', username: 'olga' })
  const chat = await olga.createGroup('Talk')
  await olga.sendMessage(chat.id, 'kept')

  const backup = startCli(['backup', '--data', dir, '--to', file])
  expect(await backup.exitCode, backup.stderr()).toBe(0)
  expect(backup.stdout()).toMatch(/^backup written and verified: [^\n]+\n$/)
  expect(await startupErrorOf(['backup', '--data', dir, '--to', file])).toContain('not overwritten')

  // a start that was refused before makes no difference
  const other = join(newDataDir(), 'other')
  expect(await startupErrorOf(['--cluster', '--data', other])).toContain('need a database server')
  const restored = startCli(['restore', '--from', file, '--data', other])
  expect(await restored.exitCode, restored.stderr()).toBe(0)
  expect(await startupErrorOf(['restore', '--from', file, '--data', other])).toContain('is not empty')

  const moved = olga.atUrl(urlFrom(await startCli(['--data', other, '--port', '0']).readyLines()))
  const { messages } = await moved.request('messages.list', { chatId: chat.id })
  expect(messages).toEqual([expect.objectContaining({ text: 'kept' })])
  const [was, is] = await Promise.all([olga, moved].map((one) => one.request('hub.meta', {})))
  expect(is?.hubId).toBe(was?.hubId)
})

test('an interrupted backup leaves no file', async () => {
  const dir = newDataDir()
  const hub = startCli(['--data', dir, '--port', '0'])
  await hub.readyLines()
  const [target, file] = [newDataDir(), randomBytes(64 * 1024 * 1024)]
  mkdirSync(join(dir, 'files'))
  writeFileSync(join(dir, 'files', 'large'), file)
  const backup = startCli(['backup', '--data', dir, '--to', join(target, 'backup.tar')])
  await vi.waitFor(() => expect(readdirSync(target)).toHaveLength(1), { timeout: 20_000, interval: 2 })
  backup.child.kill('SIGINT')
  expect(await backup.exitCode).toBe(130)
  expect(readdirSync(target)).toEqual([])
})
