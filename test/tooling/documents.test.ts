import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { trackedFiles } from '../../scripts/structure.ts'

const root = path.resolve(import.meta.dirname, '../..')
const documents = trackedFiles(root)
  .filter((file) => file.endsWith('.md') && !file.startsWith('bench/results/'))
  .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8').replaceAll('\r\n', '\n') }))
const topFolders = 'server|renderer|main|shared|test|scripts|campaign|bench|deploy|docs'

test.for(documents)('each file that $file names in backticks exists', ({ text }) => {
  // the names of migrations to come
  const names = [...text.matchAll(new RegExp(`\`((?:${topFolders})/[\\w./@-]+)\``, 'g'))]
    .map(([, name = '']) => name)
    .filter((name) => !name.includes('000N'))
  const missing = names.filter((name) =>
    ['', '.ts', '.test.ts'].every((ending) => !existsSync(path.join(root, name + ending))),
  )
  expect(missing).toEqual([])
})

test.for(documents)('each link of $file leads to a file, and to a heading in it', ({ file, text }) => {
  const prose = text.replaceAll(/```.*?```|`[^`\n]*`/gs, '')
  const links = [...prose.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, link = '']) => link)
  const broken = links.filter((link) => {
    const [target = '', anchor] = link.split('#')
    const linked = target === '' ? file : path.posix.join(path.posix.dirname(file), target)
    if (!existsSync(path.join(root, linked))) return true
    return anchor !== undefined && !headingsOf(linked).includes(anchor)
  })
  expect(broken).toEqual([])
})

/** Returns the anchors that GitHub gives to the headings of a document. */
function headingsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8').replaceAll(/```.*?```/gs, '')
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
