import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { trackedFiles } from '../../scripts/structure.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('each worker of the hub is found by workerModule, since the built hub has no file next to its modules', () => {
  const files = trackedFiles(root).filter((file) => /^server\/.*\.ts$/.test(file))
  const workers = files
    .filter((file) => file.endsWith('-worker.ts'))
    .map((file) => file.slice('server/'.length, -3))
  const source = files.map((file) => readFileSync(`${root}/${file}`, 'utf8')).join('\n')
  expect(workers.length).toBeGreaterThan(5)
  for (const worker of workers) expect(source, worker).toContain(`workerModule('${worker}')`)
})
