// Type-checks each process by its own tsconfig.json. `--lint` also checks formatting, unused code and the rules of ESLint,
// and `--test` runs the tests at the same time: they leave a core idle while they wait, and ESLint takes minutes of one.
// Everything runs to its end, and what the checks say comes last.
//
// The types are checked by TypeScript 7, which is many times faster; ESLint and the build need the API of 6.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const modulePath = (file: string): string =>
  fileURLToPath(new URL(`../node_modules/${file}`, import.meta.url))
const tsc = modulePath('typescript7/bin/tsc')

// tsc fails on a folder without sources: skip such a folder.
const types = ['.', 'shared', 'server', 'renderer', 'main', 'test']
  .filter((folder) => folder === '.' || globSync(`${folder}/**/*.ts`, { cwd: root }).length > 0)
  .map((folder) => [tsc, '-p', folder, '--pretty', 'false'])
const lint = [
  [modulePath('prettier/bin/prettier.cjs'), '--check', '.'],
  [modulePath('knip/bin/knip.js')],
  [modulePath('eslint/bin/eslint.js'), '.'],
]
const tests = [modulePath('vitest/vitest.mjs'), 'run']

interface Output {
  code: number | null
  text: string
}

/** The processes and workers that the tests start compile what they share once. */
const testEnvironment = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/tests', import.meta.url)),
}

/** Runs a program of Node. Its output is returned, or goes to the terminal at once. */
function run(job: string[], { isShown = false, env = {} } = {}): Promise<Output> {
  const child = spawn(process.execPath, job, {
    ...{ cwd: root, env: { ...process.env, ...env } },
    stdio: isShown ? 'inherit' : 'pipe',
  })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, text: Buffer.concat(chunks).toString() }))
  })
}

async function runQueue(jobs: string[][]): Promise<Output[]> {
  const outputs: Output[] = []
  for (const job of jobs) outputs.push(await run(job))
  return outputs
}

const [tested, ...checked] = (
  await Promise.all([
    process.argv.includes('--test')
      ? run(tests, { isShown: true, env: testEnvironment })
      : { code: 0, text: '' },
    runQueue([...types, ...(process.argv.includes('--lint') ? lint : [])]),
  ])
).flat()
for (const { text } of checked) process.stdout.write(text)
if ([tested, ...checked].some((output) => output?.code !== 0)) process.exitCode = 1
