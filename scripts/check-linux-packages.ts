// `node scripts/check-linux-packages.ts OUT`, as root on Linux: installs each deb and rpm in OUT into a throw-away copy of this
// system, looks at what it brought, installs it again as an update does, and removes it. This system stays as it is: the
// copy is an overlay that only this process and its children see.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const onDebian = existsSync('/etc/debian_version') ? ['--force-debian'] : []
const iconsDir = path.join(import.meta.dirname, '..', 'build', 'icons')
const program = '/opt/Hubbub/hubbub'
const profile = '/etc/apparmor.d/hubbub'
const desktopFile = '/usr/share/applications/hubbub.desktop'

interface PackageManager {
  install: (file: string) => string[]
  /** Runs the scripts of the old and the new version, in the order of this package manager. */
  update: (file: string) => string[]
  remove: string[]
}

/** The packages that ours needs are not there. A Debian warns of rpm, which has a database of its own. */
const managers: Record<string, PackageManager> = {
  deb: {
    install: (file) => ['dpkg', '--install', '--force-depends', file],
    update: (file) => ['dpkg', '--install', '--force-depends', file],
    remove: ['dpkg', '--purge', '--force-depends', 'hubbub'],
  },
  rpm: {
    install: (file) => ['rpm', '--install', '--nodeps', ...onDebian, file],
    update: (file) => ['rpm', '--reinstall', '--nodeps', ...onDebian, file],
    remove: ['rpm', '--erase', '--nodeps', ...onDebian, 'hubbub'],
  },
}

/** True if this system lets the check mount its throw-away root: root in a container often may not. */
export function canMountRoot(): boolean {
  const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-root-'))
  const script = `mount -t tmpfs tmpfs "$0" && cd "$0" && mkdir upper work root &&
    mount -t overlay overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" root &&
    mount --rbind /dev root/dev && mount -t proc proc root/proc && chroot root true`
  const { status } = spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, dir])
  rmSync(dir, { recursive: true })
  return status === 0
}

/** Returns what was seen, a line each. @throws Error with all problems */
export function checkLinuxPackage(file: string): string[] {
  const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-root-'))
  const inside = [process.execPath, import.meta.filename, '--inside', file, dir]
  const { status, stdout, stderr, error } = spawnSync(
    'unshare',
    ['--mount', '--propagation', 'private', ...inside],
    { encoding: 'utf8' },
  )
  // what was mounted there went with the namespace
  rmSync(dir, { recursive: true })
  if (status !== 0) throw new Error(`the package has problems:\n${error?.message ?? ''}${stdout}${stderr}`)
  return stdout.trim().split('\n')
}

/** In a namespace of its own, so that all mounts are gone when it ends. */
function checkInside(file: string, dir: string): string[] {
  const manager = managers[path.extname(file).slice(1)]
  if (!manager) throw new Error(`${file} is neither a deb nor an rpm`)
  run('mount', ['-t', 'tmpfs', 'tmpfs', dir])
  const [upper, work, root] = ['upper', 'work', 'root'].map((name) => path.join(dir, name)) as [
    string,
    string,
    string,
  ]
  for (const folder of [upper, work, root]) mkdirSync(folder)
  run('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=/,upperdir=${upper},workdir=${work}`, root])
  run('mount', ['--rbind', '/dev', path.join(root, 'dev')])
  run('mount', ['-t', 'proc', 'proc', path.join(root, 'proc')])
  const inside = `/${path.basename(file)}`
  run('cp', [file, path.join(root, inside)])
  pretendAppArmor(root)

  const seen: string[] = []
  const inRoot = (...command: string[]): string => run('chroot', [root, ...command])
  inRoot(...manager.install(inside))
  expectInstalled(root, inRoot)
  seen.push('installed: program, command, icons, file type, links and profile are there')
  inRoot(...manager.update(inside))
  expectInstalled(root, inRoot)
  seen.push('an update keeps them')
  inRoot(...manager.remove)
  rmSync(path.join(root, inside))
  const left = leftovers(root, upper)
  if (left.length > 0) throw new Error(`the removal left ${left.join(', ')}`)
  seen.push('removed: nothing is left')
  return seen
}

/** Programs of AppArmor that say yes: the package installs its profile only where AppArmor runs and takes it. */
function pretendAppArmor(root: string): void {
  mkdirSync(path.join(root, path.dirname(profile)), { recursive: true })
  for (const name of ['apparmor_status', 'apparmor_parser']) {
    const file = path.join(root, 'usr/sbin', name)
    writeFileSync(file, '#!/bin/sh\nexit 0\n')
    chmodSync(file, 0o755)
  }
}

function expectInstalled(root: string, inRoot: (...command: string[]) => string): void {
  const inside = (file: string): string => path.join(root, file)
  const read = (file: string): string => (existsSync(inside(file)) ? readFileSync(inside(file), 'utf8') : '')
  const problems: string[] = []
  const expect = (isRight: boolean, problem: string): void => void (isRight || problems.push(problem))

  expect((statSync(inside(program)).mode & 0o111) !== 0, `${program} is not executable`)
  expect(existsSync(inside('/opt/Hubbub/resources/app.asar')), 'the archive is missing')
  expect(inRoot('readlink', '--canonicalize', '/usr/bin/hubbub').trim() === program, 'hubbub is no command')
  for (const icon of readdirSync(iconsDir)) {
    const size = path.parse(icon).name
    const file = `/usr/share/icons/hicolor/${size}/apps/hubbub.png`
    expect(existsSync(inside(file)), `${file} is missing`)
  }
  const entry = read(desktopFile)
  const types = /^MimeType=(.*)$/m.exec(entry)?.[1] ?? ''
  for (const type of ['x-scheme-handler/hubbub', 'application/x-hubbub-backup']) {
    expect(types.split(';').includes(type), `the desktop file does not open ${type}`)
  }
  for (const line of [`Exec=${program} %U`, 'Icon=hubbub', 'StartupWMClass=hubbub', 'Terminal=false']) {
    expect(entry.split('\n').includes(line), `the desktop file has no ${line}`)
  }
  const opens = read('/usr/share/applications/mimeinfo.cache').split('\n')
  expect(opens.includes('x-scheme-handler/hubbub=hubbub.desktop;'), 'hubbub: links do not open the app')
  const globs = read('/usr/share/mime/globs2')
  expect(globs.includes('application/x-hubbub-backup:*.hubbub'), '*.hubbub is no file type')
  const rules = read(profile)
  expect(rules.includes(`"${program}"`) && rules.includes('userns,'), `${profile} does not allow the sandbox`)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  inRoot('desktop-file-validate', desktopFile)
}

/** Files of ours that a removal left, links too. Databases that all packages share are not of ours. */
function leftovers(root: string, upper: string): string[] {
  const ours = readdirSync(upper, { recursive: true, withFileTypes: true })
    .map((entry) => path.relative(upper, path.join(entry.parentPath, entry.name)))
    // a deleted file is a mark in the overlay
    .filter((file) => /hubbub/i.test(file) && isThere(path.join(root, file)))
  const shared = ['usr/share/mime/globs2', 'usr/share/applications/mimeinfo.cache'].filter((file) =>
    isThere(path.join(root, file)) ? /hubbub/i.test(readFileSync(path.join(root, file), 'utf8')) : false,
  )
  return [...ours, ...shared]
}

function isThere(file: string): boolean {
  try {
    readlinkSync(file)
    return true
  } catch {
    return existsSync(file)
  }
}

function run(command: string, args: string[]): string {
  const env = {
    ...process.env,
    PATH: `/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    DEBIAN_FRONTEND: 'noninteractive',
  }
  const { status, stdout, stderr, error } = spawnSync(command, args, { env, encoding: 'utf8' })
  if (status === 0) return stdout
  throw new Error(`${[command, ...args].join(' ')}: ${error?.message ?? `${stdout}${stderr}`}`)
}

if (import.meta.main) {
  const [first, file, dir] = process.argv.slice(2)
  if (first === '--inside' && file !== undefined && dir !== undefined) {
    for (const line of checkInside(file, dir)) process.stdout.write(`${line}\n`)
  } else {
    const found = readdirSync(first ?? '.').filter((name) => /\.(deb|rpm)$/.test(name))
    if (first === undefined || found.length === 0) {
      throw new Error('usage: node scripts/check-linux-packages.ts OUT, with a deb or rpm in OUT')
    }
    for (const name of found) {
      for (const line of checkLinuxPackage(path.resolve(first, name)))
        process.stdout.write(`${name}: ${line}\n`)
    }
  }
}
