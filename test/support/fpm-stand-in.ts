// Takes the place of fpm, which only its makers' site has: electron-builder gives it the files, the scripts and the words of
// the package, and dpkg-deb or rpmbuild builds the package from them. `CUSTOM_FPM_PATH` has to name a program that starts
// this.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

interface Package {
  /** Each option with its values, in order. */
  options: ReadonlyMap<string, string[]>
  /** `FROM=TO`; with a slash after FROM its content. */
  sources: string[]
}

function parse(args: readonly string[]): Package {
  const options = new Map<string, string[]>()
  const sources: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = String(args[at])
    if (arg === '--force') continue
    if (arg.startsWith('-')) options.set(arg, [...(options.get(arg) ?? []), String(args[++at])])
    else sources.push(arg)
  }
  return { options, sources }
}

function get({ options }: Package, name: string): string {
  const value = options.get(name)?.at(-1)
  if (value === undefined) throw new Error(`electron-builder gave no ${name}`)
  return value
}

function copySources({ sources }: Package, root: string): void {
  for (const source of sources) {
    // paths of this machine have no such sign
    const [from = '', to = ''] = source.split('=')
    const target = path.join(root, to)
    mkdirSync(from.endsWith('/') ? target : path.dirname(target), { recursive: true })
    if (from.endsWith('/')) cpSync(from, target, { recursive: true })
    else copyFileSync(from, target)
  }
}

function buildDeb(given: Package, root: string): void {
  const control = path.join(root, 'DEBIAN')
  mkdirSync(control)
  const list = (name: string): string => (given.options.get(name) ?? []).join(', ')
  writeFileSync(
    path.join(control, 'control'),
    [
      `Package: ${get(given, '--name')}`,
      `Version: ${get(given, '--version')}`,
      `Architecture: ${get(given, '--architecture')}`,
      `Maintainer: ${get(given, '--maintainer')}`,
      `Depends: ${list('-d')}`,
      `Recommends: ${list('--deb-recommends')}`,
      `Priority: ${get(given, '--deb-priority')}`,
      `Homepage: ${get(given, '--url')}`,
      `Description: ${get(given, '--description').trim().replace(/\n\s*/g, '\n ')}`,
      '',
    ].join('\n'),
  )
  for (const [name, option] of [
    ['postinst', '--after-install'],
    ['postrm', '--after-remove'],
  ] as const) {
    copyFileSync(get(given, option), path.join(control, name))
    chmodSync(path.join(control, name), 0o755)
  }
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', root, get(given, '--package')])
}

function buildRpm(given: Package, root: string): void {
  const top = mkdtempSync(path.join(tmpdir(), 'hubbub-rpm-'))
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `"/${path.relative(root, path.join(entry.parentPath, entry.name))}"`)
  // fpm owns the folders of the program too
  const folders = globSync('opt/**/', { cwd: root }).map((folder) => `%dir "/${folder}"`)
  // signs of a macro in the scripts
  const script = (option: string): string => readFileSync(get(given, option), 'utf8').replaceAll('%', '%%')
  const spec = path.join(top, 'package.spec')
  writeFileSync(
    spec,
    [
      '%global __os_install_post %{nil}',
      '%global debug_package %{nil}',
      '%global _build_id_links none',
      '%global _binary_payload w1.gzdio',
      `Name: ${get(given, '--name')}`,
      `Version: ${get(given, '--version')}`,
      'Release: 1',
      `Summary: ${get(given, '--rpm-summary')}`,
      `License: ${get(given, '--license')}`,
      `URL: ${get(given, '--url')}`,
      'AutoReqProv: no',
      ...(given.options.get('-d') ?? []).map((name) => `Requires: ${name}`),
      `%description\n${get(given, '--description')}`,
      `%post\n${script('--after-install')}`,
      `%postun\n${script('--after-remove')}`,
      `%files\n${[...folders, ...files].join('\n')}`,
      '',
    ].join('\n'),
  )
  const target = `${get(given, '--architecture')}-linux`
  execFileSync('rpmbuild', [
    ...['-bb', '--quiet', '--target', target, '--buildroot', root],
    ...['--define', `_topdir ${top}`, '--define', `_rpmdir ${top}/done`, spec],
  ])
  const [built = ''] = globSync('done/*/*.rpm', { cwd: top })
  copyFileSync(path.join(top, built), get(given, '--package'))
  rmSync(top, { recursive: true })
}

const given = parse(process.argv.slice(2))
const root = mkdtempSync(path.join(tmpdir(), 'hubbub-package-'))
copySources(given, root)
if (get(given, '-t') === 'deb') buildDeb(given, root)
else buildRpm(given, root)
rmSync(root, { recursive: true, force: true })
