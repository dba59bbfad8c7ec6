import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../../renderer')

interface Rule {
  readonly file: string
  readonly selector: string
  readonly body: string
  /** The conditions around it. */
  readonly within: readonly string[]
}

/** The innermost rules of a style sheet, or of the style sheets in a module, with what surrounds them. */
function rulesOf(file: string): Rule[] {
  const source = readFileSync(path.join(root, file), 'utf8')
  const sheets = file.endsWith('.css')
    ? [source]
    : [...source.matchAll(/css`([^`]*)`/g)].map(([, text = '']) => text.replaceAll(/\$\{[^}]*\}/g, ''))
  return sheets.flatMap((sheet) => {
    const rules: Rule[] = []
    const open: { selector: string; hasChildren: boolean; from: number }[] = []
    const text = sheet.replaceAll(/\/\*[\s\S]*?\*\//g, '')
    let from = 0
    for (const { 0: sign, index } of text.matchAll(/[{};]/g)) {
      if (sign === '{') {
        const parent = open.at(-1)
        if (parent) parent.hasChildren = true
        open.push({ selector: text.slice(from, index).trim(), hasChildren: false, from: index + 1 })
      } else if (sign === '}') {
        const rule = open.pop()
        if (rule && !rule.hasChildren)
          rules.push({
            ...{ file, selector: rule.selector, body: text.slice(rule.from, index) },
            within: open.map(({ selector }) => selector),
          })
      }
      from = index + 1
    }
    return rules
  })
}

// A finger does not hover: what only a pointer over it brings would not exist on a phone.
test('nothing appears by hover alone, except where the device can hover', () => {
  const rules = globSync('**/*.{ts,css}', { cwd: root }).flatMap(rulesOf)
  const hovers = rules.filter(({ selector }) => /(?<!:not\([^)]*):hover/.test(selector))
  expect(hovers.length).toBeGreaterThan(60)
  const revealing = hovers.filter(({ body }) =>
    /\b(opacity|visibility|display|pointer-events)\s*:/.test(body),
  )
  expect(revealing.length).toBeGreaterThan(3)
  const alone = revealing
    .filter(({ within }) => !within.some((condition) => condition.includes('(hover: hover)')))
    .map(({ file, selector }) => `${file}: ${selector}`)
  expect(alone).toEqual([])
})
