// Type-checks each process by its own tsconfig.json. With `--lint` ESLint runs in parallel, and takes longer than all of
// them. The types are checked by TypeScript 7, which is many times faster; ESLint and the build need the API of 6.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const modulePath = (file: string): string =>
  fileURLToPath(new URL(`../node_modules/${file}`, import.meta.url))
const tsc = modulePath('typescript7/bin/tsc')

// tsc fails on a folder without sources: skip such a folder.
const queue = ['.', 'shared', 'server', 'renderer', 'main', 'test']
  .filter((folder) => folder === '.' || globSync(`${folder}/**/*.ts`, { cwd: root }).length > 0)
  .map((folder) => [tsc, '-p', folder, '--pretty', 'false'])
if (process.argv.includes('--lint')) queue.unshift([modulePath('eslint/bin/eslint.js'), '.'])

async function runQueue(): Promise<void> {
  for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
    if ((await run(job)) !== 0) process.exitCode = 1
  }
}

function run(job: string[]): Promise<number | null> {
  const child = spawn(process.execPath, job, { cwd: root, stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
}

await Promise.all([runQueue(), runQueue()])
