// Both workflows do the same with the app on every system: what desktop.yml has shown on a push holds for a release.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const github = path.join(import.meta.dirname, '..', '..', '.github')
const read = (name: string): string => readFileSync(path.join(github, name), 'utf8')
const desktop = read('workflows/desktop.yml')
const release = read('workflows/release.yml')
const both = [desktop, release]

/** The job that packs, up to the next job. */
const job = (text: string): string => /\n {2}desktop:\n(?:(?: {4}.*)?\n)+/.exec(`${text}\n`)?.[0] ?? ''
const commands = (text: string): string[] =>
  [...job(text).matchAll(/^\s+(?:- )?run: (.+)$/gm)].flatMap(([, command]) => command ?? [])
const steps = (text: string): string[] => commands(text).filter((command) => command.includes('desktop.sh'))

test('both workflows take their steps from the same script, in the same order', () => {
  const wanted = ['prepare', 'suite', 'check'].map((step) => `bash .github/desktop.sh ${step}`)
  for (const text of both) {
    expect(steps(text)).toEqual(wanted)
    expect(commands(text)[0]).toBe('npm ci')
    expect(commands(text).filter((command) => command.startsWith('node scripts/pack.ts'))).toHaveLength(1)
    expect(job(text)).toContain('path: out/conformance\n')
  }
  const script = read('desktop.sh')
  for (const step of ['prepare', 'suite', 'check']) expect(script).toContain(`\n${step})\n`)
  for (const command of [
    'npm run conformance',
    'check-package.ts out',
    'check-linux-packages.ts out',
    'check-installer.ts out',
    'first-start.ts out',
  ]) {
    expect(script).toContain(command)
  }
})

test('both workflows run on the same systems and processors', () => {
  const machines = (text: string): string[] =>
    [...text.matchAll(/- \{ runner: ([\w.-]+), system: (\w+), arch: (\w+)/g)].map((match) =>
      match.slice(1).join(' '),
    )
  expect(machines(desktop)).toEqual(machines(release))
  expect(machines(desktop)).toHaveLength(6)
})

test('actions are pinned by commit, and a push has no secrets', () => {
  for (const text of both) {
    for (const [, used] of text.matchAll(/uses: (\S+)/g)) expect(used).toMatch(/@[0-9a-f]{40}$/)
    expect(text).toContain('\npermissions: {}\n')
  }
  expect(desktop).not.toContain('secrets.')
  expect(desktop).toContain("branches: ['**']")
})
