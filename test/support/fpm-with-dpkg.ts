// Takes the place of fpm, which only its makers' site has: electron-builder gives it the files, the scripts and the words of
// the package, and dpkg-deb builds the deb from them. `CUSTOM_FPM_PATH` has to name a program that starts this.
import { execFileSync } from 'node:child_process'
import { cpSync, copyFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const flags = new Set(['--force'])
const single = new Map<string, string>()
const repeated = new Map<string, string[]>()
const sources: string[] = []
const args = process.argv.slice(2)
for (let at = 0; at < args.length; at++) {
  const arg = String(args[at])
  if (flags.has(arg)) continue
  if (!arg.startsWith('-')) sources.push(arg)
  else {
    const value = String(args[++at])
    single.set(arg, value)
    repeated.set(arg, [...(repeated.get(arg) ?? []), value])
  }
}
const get = (name: string): string => {
  const value = single.get(name)
  if (value === undefined) throw new Error(`electron-builder gave no ${name}`)
  return value
}
if (get('-t') !== 'deb') throw new Error('only a deb can be built without fpm')

const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-deb-'))
for (const source of sources) {
  // paths of this machine have no such sign
  const [from = '', to = ''] = source.split('=')
  const target = path.join(dir, to)
  mkdirSync(from.endsWith('/') ? target : path.dirname(target), { recursive: true })
  if (from.endsWith('/')) cpSync(from, target, { recursive: true })
  else copyFileSync(from, target)
}
const control = path.join(dir, 'DEBIAN')
mkdirSync(control)
const list = (name: string): string => (repeated.get(name) ?? []).join(', ')
writeFileSync(
  path.join(control, 'control'),
  [
    `Package: ${get('--name')}`,
    `Version: ${get('--version')}`,
    `Architecture: ${get('--architecture')}`,
    `Maintainer: ${get('--maintainer')}`,
    `Depends: ${list('-d')}`,
    `Recommends: ${list('--deb-recommends')}`,
    `Priority: ${get('--deb-priority')}`,
    `Homepage: ${get('--url')}`,
    `Description: ${get('--description').trim().replace(/\n\s*/g, '\n ')}`,
    '',
  ].join('\n'),
)
for (const [name, option] of [
  ['postinst', '--after-install'],
  ['postrm', '--after-remove'],
] as const) {
  copyFileSync(get(option), path.join(control, name))
  chmodSync(path.join(control, name), 0o755)
}
execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', dir, get('--package')])
rmSync(dir, { recursive: true })
