import { spawn } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { newDataDir } from '../support/data-dir.ts'

const projectRoot = path.join(import.meta.dirname, '..', '..')

/** What it says up to the line that fits. The hub is ended with the test. */
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
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    if (until.test(line)) return said
  }
  return said
}

/** Stands where Electron would: a program that says how it was called. */
function writeProgram(script: string): string {
  const file = path.join(newDataDir(), 'electron')
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
  return file
}

describe.skipIf(process.platform === 'win32')('npm start', () => {
  it('starts the hub where there is no display, and says so in one line', async () => {
    const env = process.platform === 'linux' ? {} : { HUBBUB_ELECTRON: writeProgram('exit 1') }
    const [why, listening] = await runStart(env, /^hub listening/)
    expect(why).toMatch(/: starting the hub with its page instead$/)
    expect(listening).toMatch(/^hub listening at http:\/\//)
  })

  it('starts the hub where Electron is there but does not run', async () => {
    const said = await runStart(
      { DISPLAY: ':99', HUBBUB_ELECTRON: writeProgram('exit 127') },
      /^hub listening/,
    )
    expect(said[0]).toBe('Electron does not start here: starting the hub with its page instead')
    expect(said[1]).toMatch(/^hub listening/)
  })

  it('takes options for the hub as a wish for the hub', async () => {
    const env = { DISPLAY: ':99', HUBBUB_ELECTRON: writeProgram('echo opened') }
    expect((await runStart(env, /^hub listening/, ['--port', '0']))[0]).toMatch(/^hub listening/)
  })

  it('opens the app where it is', async () => {
    const env = { DISPLAY: ':99', HUBBUB_ELECTRON: writeProgram('echo "opened $@"') }
    const said = await runStart(env, /^hub listening/, ['--hidden'])
    expect(said).toEqual([`opened ${projectRoot}/ --hidden`])
  })
})
