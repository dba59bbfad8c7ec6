import { spawn } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
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
