// Every line of the text table is said somewhere. A key is used where it is written out, or where a template builds it.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { en } from '../../renderer/text/en.ts'
import { trackedFiles } from '../../scripts/structure.ts'

const root = path.resolve(import.meta.dirname, '../..')
const sources = trackedFiles(root)
  .filter((file) => /^(renderer|main|shared)\/.*\.ts$/.test(file) && !file.startsWith('renderer/text/en'))
  .map((file) => readFileSync(path.join(root, file), 'utf8'))
const code = sources.join('\n')

const written = new Set([...code.matchAll(/['"`]([a-zA-Z]+(?:\.[\w-]+)+)['"`]/g)].map(([, key]) => key))
/** `backups.work.${work}`, `computer.${name}Hint`: a value in place of a part of the key. */
const templates = [...code.matchAll(/`((?:[a-zA-Z]+\.)+\$\{[^{}`]+\}(?:[\w.-]|\$\{[^{}`]+\})*)`/g)].map(
  ([, template = '']) =>
    new RegExp(`^${template.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '[\\w-]+')}$`),
)
/** `${key}Text`, `${key}.alone`: continues another key. */
const endings = new Set(
  [...code.matchAll(/`\$\{[\w.]+\}([A-Z]\w*|\.[a-z]+)`/g)].map(([, ending = '']) => ending),
)

function isUsed(key: string): boolean {
  if (written.has(key) || templates.some((template) => template.test(key))) return true
  return [...endings].some((ending) => key.endsWith(ending) && isUsed(key.slice(0, -ending.length)))
}

test('every text of the page is used', () => {
  expect(Object.keys(en).filter((key) => !isUsed(key))).toEqual([])
})
