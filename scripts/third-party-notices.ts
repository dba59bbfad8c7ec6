// The licences of everything that is packed, as one text: most packages are bundled or left out as folders, so their own
// files are not in the package.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')
/** Data that the build reads from development dependencies. */
const bundledDevPackages = ['node_modules/emojibase-data']

interface Notice {
  name: string
  version: string
  license: string
  text: string
}

/** Returns a notice for each package that runs in the app. @throws if one has no licence */
export function collectNotices(): Notice[] {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>
  }
  const folders = Object.entries(packages)
    .filter(([folder, { dev, devOptional }]) => folder !== '' && !dev && !devOptional)
    .map(([folder]) => folder)
    // those of other systems are not installed
    .filter((folder) => existsSync(path.join(root, folder)))
  const notices = [...folders, ...bundledDevPackages].map(readNotice)
  const unique = new Map(notices.map((notice) => [`${notice.name}@${notice.version}`, notice]))
  return [...unique.values()].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

function readNotice(folder: string): Notice {
  const dir = path.join(root, folder)
  const { name, version, license } = JSON.parse(
    readFileSync(path.join(dir, 'package.json'), 'utf8'),
  ) as Record<'name' | 'version' | 'license', string | undefined>
  const files = readdirSync(dir).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
  const texts = files.map((file) => readFileSync(path.join(dir, file), 'utf8').trim())
  const text = texts.length > 0 ? texts.join('\n\n') : readmeSection(dir)
  if (name === undefined || version === undefined || (license === undefined && text === '')) {
    throw new Error(`${folder} names no licence`)
  }
  return { name, version, license: license ?? 'see below', text }
}

/** Some packages state their licence only at the end of their readme. */
function readmeSection(dir: string): string {
  const file = readdirSync(dir).find((name) => /^readme/i.test(name))
  const readme = file === undefined ? '' : readFileSync(path.join(dir, file), 'utf8')
  return /^#+ *licen[cs]e[^\n]*\n([^#]+)/im.exec(readme)?.[1]?.trim() ?? ''
}

export function renderNotices(notices: readonly Notice[]): string {
  const line = '-'.repeat(80)
  return [
    'Hubbub contains the following software. Electron and Chromium have their own list next to the program',
    '(LICENSE.electron.txt, LICENSES.chromium.html). sharp contains libvips and its libraries, under the LGPL and',
    'other licences: https://github.com/lovell/sharp-libvips lists them, with their sources.',
    ...notices.map(
      ({ name, version, license, text }) => `\n${line}\n${name} ${version} (${license})\n${line}\n${text}`,
    ),
    '',
  ].join('\n')
}
