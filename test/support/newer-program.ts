import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { newDataDir } from './data-dir.ts'

const root = path.join(import.meta.dirname, '..', '..')

/**
 * A later release of the hub, run from its sources, with these migrations after those of today. Returns the arguments of
 * Node.
 * @param steps each the members of a Migration, as text
 */
export function makeNewerProgram(steps: readonly string[]): string[] {
  const folder = newDataDir()
  for (const name of ['server', 'shared', 'package.json'])
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true })
  for (const name of ['node_modules', 'dist'])
    symlinkSync(path.join(root, name), path.join(folder, name), 'dir')
  const list = path.join(folder, 'server', 'db', 'migrations', 'index.ts')
  const text = readFileSync(list, 'utf8')
  const added = steps.map((step, i) => `, { name: 'made-up-${i}', ${step} }`)
  writeFileSync(list, text.replace(/\]\s*$/, `${added.join('')}]\n`))
  return ['--disable-warning=ExperimentalWarning', path.join(folder, 'server', 'cli.ts')]
}
