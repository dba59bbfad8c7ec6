// Type-checks each process by its own tsconfig.json, two at a time.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))

// A folder without sources makes tsc fail: skip it until it has some.
const queue = ['.', 'shared', 'server', 'renderer', 'main', 'test'].filter(
  (folder) => folder === '.' || globSync(`${folder}/**/*.ts`, { cwd: root }).length > 0,
)

async function work(): Promise<void> {
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    if ((await check(folder)) !== 0) process.exitCode = 1
  }
}

function check(folder: string): Promise<number | null> {
  const child = spawn(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    cwd: root,
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
}

await Promise.all([work(), work()])
