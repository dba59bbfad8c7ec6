// A dialog that asks has a question as its heading, never a sentence that says it is done.
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { en } from '../../renderer/text/en.ts'

const askedKeys = globSync('renderer/**/*.ts').flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/\bconfirm\(\{\s*heading: t\((['`])([^'`]+)\1/g)].map((match) => ({
    file,
    key: match[2] as string,
  })),
)

/** Says what is wrong; the text below it asks. */
const statements = new Set(['composer.unknownCommand'])

test('every heading of a confirmation is a question', () => {
  expect(askedKeys.length).toBeGreaterThan(12)
  const texts: Readonly<Record<string, string | Readonly<Record<string, string>>>> = en
  for (const { file, key } of askedKeys) {
    // A key with a variable part means all that fit it.
    const pattern = new RegExp(`^${key.replaceAll('.', '\\.').replace(/\$\{\w+\}/, '.*')}$`)
    const found = Object.entries(texts).filter(([name]) => pattern.test(name))
    expect(found, `${file}: ${key}`).not.toEqual([])
    const candidates = key.includes('${')
      ? found.filter(([name]) => /^admin\.(?:make|take)Admin/.test(name))
      : found
    for (const [name, text] of candidates.filter(([each]) => !statements.has(each)))
      for (const form of typeof text === 'string' ? [text] : Object.values(text))
        expect(form, `${file}: ${name}`).toMatch(/\?$/)
  }
})
