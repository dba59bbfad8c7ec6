// Collects the packed files of all runners in one folder: `node scripts/merge-manifests.ts FROM TO`. Windows and macOS
// have one update manifest for both processors, but each runner wrote one that lists only its own files.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Merges the manifests into one that lists all files. @throws Error if their versions differ */
export function mergeManifests(texts: readonly string[]): string {
  const [first, ...others] = texts.map(readManifest)
  if (!first) throw new Error('no manifest to merge')
  const files = new Map(first.files)
  for (const { version, files: more } of others) {
    if (version !== first.version)
      throw new Error(`the manifests have different versions: ${first.version} and ${version}`)
    for (const [url, lines] of more) files.set(url, lines)
  }
  return first.text.replace(filesBlock, `files:\n${[...files.values()].join('')}`)
}

const filesBlock = /^files:\n((?:[ -].*\n)+)/m

interface Manifest {
  text: string
  version: string
  /** The lines of each file, unchanged, by its address. */
  files: Map<string, string>
}

function readManifest(text: string): Manifest {
  const version = /^version: (.+)$/m.exec(text)?.[1]
  const block = filesBlock.exec(text)?.[1]
  if (version === undefined || block === undefined) throw new Error('this is not an update manifest')
  const files = new Map<string, string>()
  for (const item of block.split(/^(?= {2}- )/m)) {
    const url = /- url: (.+)$/m.exec(item)?.[1]
    if (url === undefined) throw new Error('a file of the manifest has no address')
    files.set(url, item)
  }
  return { text, version, files }
}

function main(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  const manifests = new Map<string, string[]>()
  for (const folder of readdirSync(from).toSorted()) {
    if (!statSync(path.join(from, folder)).isDirectory()) continue
    for (const name of readdirSync(path.join(from, folder))) {
      const file = path.join(from, folder, name)
      if (/^latest.*\.yml$/.test(name)) {
        manifests.set(name, [...(manifests.get(name) ?? []), readFileSync(file, 'utf8')])
      } else copyFileSync(file, path.join(to, name))
    }
  }
  for (const [name, texts] of manifests) writeFileSync(path.join(to, name), mergeManifests(texts))
}

if (import.meta.main) {
  const [from, to] = process.argv.slice(2)
  if (from === undefined || to === undefined)
    throw new Error('usage: node scripts/merge-manifests.ts FROM TO')
  main(from, to)
}
