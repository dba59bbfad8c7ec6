import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { trackedFiles } from '../../scripts/structure.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('no two elements have one name: the module that is loaded later would fail', () => {
  const files = trackedFiles(root).filter((file) => /^renderer\/.*\.ts$/.test(file))
  const names = files.flatMap((file) =>
    [...readFileSync(`${root}/${file}`, 'utf8').matchAll(/customElements\.define\('([^']+)'/g)].map(
      ([, name]) => name,
    ),
  )
  expect(names.length).toBeGreaterThan(50)
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
})
