import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { trackedFiles } from '../../scripts/structure.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const sources = trackedFiles(root)
  .filter((file) => /^renderer\/.*\.ts$/.test(file))
  .map((file) => ({ file, text: readFileSync(`${root}/${file}`, 'utf8') }))

test('no two elements have one name: the module that is loaded later would fail', () => {
  const names = sources.flatMap(({ text }) =>
    [...text.matchAll(/customElements\.define\('([^']+)'/g)].map(([, name]) => name),
  )
  expect(names.length).toBeGreaterThan(50)
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
})

test('every field for a line of text has a maximum: each key would search for megabytes that were pasted', () => {
  const fields = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/<input\s([^]{0,1500}?)\/>/g)]
      .filter(([, attributes = '']) => !/type="(?:checkbox|date|file|radio|range)"/.test(attributes))
      .map(([, attributes = '']) => ({ file, hasMaximum: attributes.includes('maxlength=') })),
  )
  expect(fields.length).toBeGreaterThan(7)
  expect(fields.filter(({ hasMaximum }) => !hasMaximum)).toEqual([])
})
