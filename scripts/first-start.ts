// `node scripts/first-start.ts OUT`: starts each packed app below OUT and uses it from outside, since its fuses forbid a
// debugger. The app resumes a hub that is prepared here; a user logs in there, sends a picture and a message, and the
// system ends the app.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { startHub } from '../server/start.ts'
import { png } from '../test/support/images.ts'
import { freePort } from '../test/support/ports.ts'
import { TestUser } from '../test/support/test-user.ts'
import { uploadFile } from '../test/support/tus.ts'
import { findPackedApps } from './check-package.ts'

const startTimeoutMs = 90_000
const endTimeoutMs = 30_000

export interface Program {
  file: string
  args: string[]
  /** Requires the page to be in a sandbox, where the system can tell. */
  checksSandbox: boolean
  /** Where a picture of the screen goes, if one is wanted. */
  picture?: string
}

/**
 * Reports what was seen, a line each, also before a failure. @throws Error with the app's log if something is missing
 */
export async function checkFirstStart(program: Program, report: (line: string) => void): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-first-start-'))
  const userData = path.join(dir, 'profile')
  const port = Number(await freePort())
  await prepareHub(path.join(dir, 'hub'), userData, port)
  const child = spawn(program.file, [...program.args, `--user-data-dir=${userData}`], { stdio: 'inherit' })
  try {
    for (const line of await useApp(child, `http://127.0.0.1:${port}`)) report(line)
    if (program.picture !== undefined) report(takePicture(program.picture))
    if (program.checksSandbox) report(requireSandbox(child))
    report(await endApp(child))
  } catch (error) {
    throw new Error(`the first start failed; the log of the app:\n${readLogs(userData)}`, { cause: error })
  } finally {
    killTree(child)
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** A hub with an owner, as an app leaves it that hosted one. */
async function prepareHub(dataDir: string, userData: string, port: number): Promise<void> {
  const setupCode = 'first-start'
  const hub = await startHub({
    ...{ dataDir, host: '127.0.0.1', port: 0, allowPlainHttp: false, loadTest: false, setupCode },
    log: pino({ level: 'silent' }),
  })
  await TestUser.setUp(hub.url, { code: setupCode, username: 'olga' })
  await hub.close()
  mkdirSync(userData, { recursive: true })
  writeFileSync(
    path.join(userData, 'hosting.json'),
    JSON.stringify({ dataDir, port, wasRunning: true, startWithApp: true, lan: false, keepAwake: false }),
  )
}

async function useApp(child: ChildProcess, url: string): Promise<string[]> {
  const from = performance.now()
  await waitForHub(child, url)
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  const olga = await TestUser.login(url, 'olga')
  const chat = await olga.createGroup('packed')
  const picture = await uploadFile(url, olga.token, { name: 'pier.png', bytes: png(300, 200) })
  const { message } = await olga.request('messages.send', {
    ...{ chatId: chat.id, cid: crypto.randomUUID(), text: 'from the package', attachments: [picture] },
  })
  const [file] = 'attachments' in message ? message.attachments : []
  if (file?.width !== 300) throw new Error('the picture was not decoded')
  return [`the hub inside reached its port after ${seconds} s`, 'a message with a decoded picture was sent']
}

async function waitForHub(child: ChildProcess, url: string): Promise<void> {
  for (const until = performance.now() + startTimeoutMs; performance.now() < until; await sleep(200)) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the app ended by itself (${child.exitCode ?? child.signalCode})`)
    }
    const response = await fetch(`${url}/api/meta`).catch(() => undefined)
    if (response?.ok) return
  }
  throw new Error('the hub inside did not reach its port')
}

/** Linux only: each page runs under a filter of system calls, unless it runs without a sandbox. */
function requireSandbox(child: ChildProcess): string {
  if (process.platform !== 'linux') return 'the sandbox of the page was not looked at'
  const pages = readdirSync('/proc').filter((pid) => {
    const commandLine = readProcess(pid, 'cmdline')
    return commandLine.includes('--type=renderer') && belongsTo(pid, child.pid)
  })
  if (pages.length === 0) throw new Error('the app has no page')
  const open = pages.filter((pid) => !/^Seccomp:\s*2$/m.test(readProcess(pid, 'status')))
  if (open.length > 0) throw new Error('a page runs without a sandbox')
  return 'the page runs in a sandbox'
}

function belongsTo(pid: string, ancestor: number | undefined): boolean {
  for (
    let at = pid;
    at !== '' && at !== '0';
    at = /^PPid:\s*(\d+)$/m.exec(readProcess(at, 'status'))?.[1] ?? ''
  ) {
    if (at === String(ancestor)) return true
  }
  return false
}

function readProcess(pid: string, file: 'cmdline' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** By the system and not by a debugger, which the fuses forbid. A runner without a tool for it fails nothing. */
function takePicture(file: string): string {
  const [command = '', ...args] = {
    linux: ['import', '-window', 'root', file],
    darwin: ['screencapture', '-x', file],
    win32: ['powershell', '-NoProfile', '-Command', windowsPicture(file)],
  }[process.platform as 'linux']
  const { status, error } = spawnSync(command, args, { timeout: 30_000 })
  return status === 0 && existsSync(file)
    ? `a picture of the screen is in ${file}`
    : `no picture of the screen (${error?.message ?? `${command} ended with ${String(status)}`})`
}

const windowsPicture = (file: string): string =>
  [
    'Add-Type -AssemblyName System.Windows.Forms, System.Drawing',
    '$screen = [System.Windows.Forms.Screen]::PrimaryScreen.Bounds',
    '$picture = New-Object System.Drawing.Bitmap $screen.Width, $screen.Height',
    '[System.Drawing.Graphics]::FromImage($picture).CopyFromScreen($screen.Location, [System.Drawing.Point]::Empty, $screen.Size)',
    `$picture.Save('${file}')`,
  ].join('; ')

/** As a log-out does. On Windows a program without a console has no such signal. */
async function endApp(child: ChildProcess): Promise<string> {
  if (process.platform === 'win32') return 'how it ends was not looked at'
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const code = await Promise.race([exited, sleep(endTimeoutMs, 'late' as const, { ref: false })])
  if (code !== 0) throw new Error(`the app did not end in order (${String(code)})`)
  return 'it ended in order'
}

function killTree(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return
  if (process.platform === 'win32') spawnSync('taskkill', ['/T', '/F', '/PID', String(child.pid)])
  else child.kill('SIGKILL')
}

function readLogs(userData: string): string {
  return ['app.log', 'hub.log']
    .map((name) => {
      try {
        return readFileSync(path.join(userData, 'logs', name), 'utf8')
      } catch {
        return `(no ${name})`
      }
    })
    .join('\n')
}

if (import.meta.main) {
  const out = process.argv[2]
  const apps = out === undefined ? [] : findPackedApps(out)
  if (apps.length === 0)
    throw new Error('usage: node scripts/first-start.ts OUT, with a packed app below OUT')
  // scripts/conformance.ts adds the lines to its table
  const results = path.join(out as string, 'conformance')
  mkdirSync(results, { recursive: true })
  for (const { executable, target } of apps) {
    const file = executable.endsWith('.app')
      ? path.join(executable, 'Contents', 'MacOS', 'Hubbub')
      : executable
    const picture = path.join(results, `${target}.png`)
    const seen = path.join(results, 'packed.txt')
    writeFileSync(seen, '')
    await checkFirstStart({ file, args: [], checksSandbox: true, picture }, (line) => {
      appendFileSync(seen, `${line}\n`)
      process.stdout.write(`${target}: ${line}\n`)
    })
  }
}
