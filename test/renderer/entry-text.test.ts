import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { entryText } from '../../renderer/text/en-entry.ts'

/** The modules that the page has before the shell: those that these import, directly or not. */
const roots = ['renderer/boot.ts', 'renderer/accounts/auth-screens.ts']

function collectModules(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found
  found.add(file)
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import (?!type)|\} from ).*?'(\.[^']+\.ts)'/gm)
  for (const [, target = ''] of imports) collectModules(path.join(path.dirname(file), target), found)
  return found
}

test('every line that the sign-in screens show is there before the shell is loaded', () => {
  const modules = roots.flatMap((root) => [...collectModules(root)])
  expect(modules).toContain('renderer/accounts/hb-login.ts')
  const keys = Object.keys(entryText)
  const missing = modules.flatMap((file) => {
    const calls = [...readFileSync(file, 'utf8').matchAll(/\bt\(\s*(['`])([a-zA-Z.]+)(\1|\$\{)/g)]
    return calls
      .filter(
        ([, , key = '', end]) => !keys.some((each) => (end === '${' ? each.startsWith(key) : each === key)),
      )
      .map(([, , key]) => `${file}: ${key}`)
  })
  expect(missing).toEqual([])
})
