import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { newDataDir } from '../support/data-dir.ts'

const projectRoot = path.join(import.meta.dirname, '..', '..')

/** Returns the output up to the matching line. The hub is stopped with the test. */
async function runStart(env: NodeJS.ProcessEnv, until: RegExp, args: string[] = []): Promise<string[]> {
  const child = spawn(process.execPath, [path.join(projectRoot, 'scripts', 'start.ts'), ...args], {
    env: {
      ...process.env,
      DISPLAY: '',
      WAYLAND_DISPLAY: '',
      HUBBUB_DATA: newDataDir(),
      HUBBUB_PORT: '0',
      HUBBUB_LOG: 'silent',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (until.test(line)) return lines
  }
  return lines
}

/** Writes a program in place of Electron that reports how it was called. */
function writeProgram(script: string): string {
  const file = path.join(newDataDir(), 'electron')
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
  return file
}

describe.skipIf(process.platform === 'win32')('npm start', () => {
  it('starts the hub if there is no display, and prints the reason in one line', async () => {
    const env = process.platform === 'linux' ? {} : { HUBBUB_ELECTRON: writeProgram('exit 1') }
    const [reason, listening] = await runStart(env, /^hub listening/)
    expect(reason).toMatch(/: starting the hub with its page instead$/)
    expect(listening).toMatch(/^hub listening at http:\/\//)
  })

  it('starts the hub if Electron is installed but does not run', async () => {
    const lines = await runStart(
      { DISPLAY: ':99', HUBBUB_ELECTRON: writeProgram('exit 127') },
      /^hub listening/,
    )
    expect(lines[0]).toBe('Electron does not start on this computer: starting the hub with its page instead')
    expect(lines[1]).toMatch(/^hub listening/)
  })

  it('starts the hub for options of the hub', async () => {
    const env = { DISPLAY: ':99', HUBBUB_ELECTRON: writeProgram('echo opened') }
    expect((await runStart(env, /^hub listening/, ['--port', '0']))[0]).toMatch(/^hub listening/)
  })

  it('opens the app if Electron is installed', async () => {
    const env = { DISPLAY: ':99', HUBBUB_ELECTRON: writeProgram('echo "opened $@"') }
    const lines = await runStart(env, /^hub listening/, ['--hidden'])
    expect(lines).toEqual([`opened ${projectRoot}/ --hidden`])
  })
})

/** Starts npm in a process group of its own, and kills what is left of that group with the test. */
function spawnNpm(args: string[], env: NodeJS.ProcessEnv): ChildProcessByStdio<null, Readable, null> {
  const npm = spawn('npm', args, {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  const { pid } = npm
  if (pid === undefined) throw new Error('npm did not start')
  onTestFinished(() => {
    try {
      // the system call: the program `kill` of some systems reads a negative id as an option, and ends everything
      process.kill(-pid, 'SIGKILL')
    } catch {
      // all of the group have ended
    }
  })
  return npm
}

async function waitForOutput(npm: ChildProcessByStdio<null, Readable, null>, until: RegExp): Promise<void> {
  let output = ''
  await new Promise<void>((resolve, reject) => {
    npm.once('exit', () => reject(new Error(`npm ended: ${output}`)))
    npm.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (until.test(output)) resolve()
    })
  })
}

describe.skipIf(process.platform === 'win32')('what npm started', () => {
  const noDisplay = { DISPLAY: '', WAYLAND_DISPLAY: '' }

  it.each([
    ['SIGTERM', 'start'],
    ['SIGKILL', 'start'],
    ['SIGTERM', 'hub'],
    ['SIGKILL', 'hub'],
  ] as const)('ends when %s ends npm run %s', async (signal, script) => {
    const npm = spawnNpm(['run', script], { ...noDisplay, HUBBUB_DATA: newDataDir(), HUBBUB_PORT: '0' })
    await waitForOutput(npm, /^hub listening/m)
    // the pipe is closed when the last process that can write into it has ended
    const closed = once(npm, 'close')
    npm.kill(signal)
    await closed
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends when %s ends npm run demo', async (signal) => {
    const npm = spawnNpm(['run', 'demo', '--', '--port', '0', '--data', newDataDir()], {})
    await waitForOutput(npm, /^creating the team/m)
    const closed = once(npm, 'close')
    npm.kill(signal)
    await closed
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends the app when %s ends npm start', async (signal) => {
    const app = writeProgram('trap "exit 0" TERM; echo opened; while true; do sleep 0.1; done')
    const npm = spawnNpm(['start'], { DISPLAY: ':99', HUBBUB_ELECTRON: app })
    await waitForOutput(npm, /^opened$/m)
    const closed = once(npm, 'close')
    npm.kill(signal)
    await closed
  })
})
