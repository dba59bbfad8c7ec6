import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Random } from '../../test/simulation/random.ts'
import type { RecordedChange } from './record.ts'

/*
 * A disk that promises no more than POSIX does. What was written to a file is there after its sync, a name in a directory after
 * the sync of that directory. Of everything since, a power cut leaves any part: nothing, the first ones, or some in any order,
 * and of a write any sectors of 512 bytes.
 */

interface FileNode {
  kind: 'file'
  synced: Buffer
  pending: ({ at: number; bytes: Buffer } | { size: number })[]
}

interface Folder {
  kind: 'folder'
  names: Map<string, Node>
  synced: Map<string, Node>
  pending: NameChange[]
}

type Node = FileNode | Folder
/** A name gets a node, or loses it. A rename within a folder does both at once. */
interface NameChange {
  set?: [name: string, node: Node]
  removed?: string
}

const sectorBytes = 512
export const cutModes = ['nothing', 'first', 'any'] as const
export type CutMode = (typeof cutModes)[number]

export class DiskModel {
  readonly #root = newFolder()
  readonly #rootPath: string
  readonly #handles = new Map<number, Node>()

  constructor(rootPath: string) {
    this.#rootPath = rootPath
  }

  /** A folder that was there, and synced, before the record began. */
  addExisting(folder: string): void {
    const names = new Map<string, Node>()
    this.#change(folder, { kind: 'folder', names, synced: names, pending: [] })
    this.#root.synced = new Map(this.#root.names)
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name)
      if (!entry.isFile()) throw new Error(`${file} is no file`)
      names.set(entry.name, { kind: 'file', synced: readFileSync(file), pending: [] })
    }
    const there = this.#find(folder)
    if (there?.kind === 'folder') there.synced = new Map(names)
  }

  apply({ op, handle, at, bytes }: RecordedChange): void {
    const node = this.#handles.get(handle)
    switch (op) {
      case 'T':
      case 'C':
      case 'O':
        return this.#open(op, handle, bytes.toString())
      case 'W':
        if (node?.kind === 'file') node.pending.push({ at, bytes })
        return
      case 'S':
        if (node?.kind === 'file') node.pending.push({ size: at })
        return
      case 'F':
        return void (node && sync(node))
      case 'E':
        // the system forgets what it could not write, and the next sync succeeds without it
        return void (node && (node.pending = []))
      case 'M':
        return this.#change(bytes.toString(), newFolder())
      case 'U':
        return this.#change(bytes.toString(), undefined)
      default: {
        const [from = '', to = ''] = bytes.toString().split('\0')
        return this.#move(from, to, op === 'R')
      }
    }
  }

  /** Writes what a power cut may leave. */
  writeTo(folder: string, mode: CutMode, random: Random): void {
    writeFolder(this.#root, folder, mode, random)
  }

  #open(op: string, handle: number, file: string): void {
    let node = this.#find(file)
    if (!node && op !== 'O') {
      node = { kind: 'file', synced: Buffer.alloc(0), pending: [] }
      this.#change(file, node)
    } else if (node?.kind === 'file' && op === 'T') node.pending.push({ size: 0 })
    if (node) this.#handles.set(handle, node)
  }

  #change(file: string, node: Node | undefined): void {
    const [parent, name] = this.#placeOf(file)
    if (!parent) return
    if (node) parent.names.set(name, node)
    else parent.names.delete(name)
    parent.pending.push(node ? { set: [name, node] } : { removed: name })
  }

  #move(from: string, to: string, removes: boolean): void {
    const node = this.#find(from)
    const [source, oldName] = this.#placeOf(from)
    const [target, newName] = this.#placeOf(to)
    if (!node || !target) return
    target.names.set(newName, node)
    if (removes) source?.names.delete(oldName)
    if (removes && source === target) target.pending.push({ set: [newName, node], removed: oldName })
    else {
      target.pending.push({ set: [newName, node] })
      if (removes) source?.pending.push({ removed: oldName })
    }
  }

  #placeOf(file: string): [parent: Folder | undefined, name: string] {
    const parent = this.#find(path.dirname(file))
    return [parent?.kind === 'folder' ? parent : undefined, path.basename(file)]
  }

  #find(file: string): Node | undefined {
    const relative = path.relative(this.#rootPath, file)
    if (relative.startsWith('..')) return undefined
    let node: Node | undefined = this.#root
    for (const name of relative.split(path.sep).filter((part) => part !== '')) {
      node = node?.kind === 'folder' ? node.names.get(name) : undefined
    }
    return node
  }
}

function newFolder(): Folder {
  return { kind: 'folder', names: new Map(), synced: new Map(), pending: [] }
}

function sync(node: Node): void {
  if (node.kind === 'folder') for (const change of node.pending) changeNames(node.synced, change)
  else node.synced = contentOf(node.synced, node.pending)
  node.pending = []
}

function changeNames(names: Map<string, Node>, { set, removed }: NameChange): void {
  if (removed !== undefined) names.delete(removed)
  if (set) names.set(...set)
}

function contentOf(synced: Buffer, changes: FileNode['pending']): Buffer {
  let content = synced
  for (const change of changes) {
    const end = 'size' in change ? change.size : change.at + change.bytes.length
    if ('size' in change && end < content.length) content = Buffer.from(content.subarray(0, end))
    else if (end > content.length) content = Buffer.concat([content, Buffer.alloc(end - content.length)])
    else if (content === synced) content = Buffer.from(content)
    if ('bytes' in change) change.bytes.copy(content, change.at)
  }
  return content
}

function writeFolder({ synced, pending }: Folder, folder: string, mode: CutMode, random: Random): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const names = new Map(synced)
  for (const change of choose(pending, mode, random)) changeNames(names, change)
  for (const [name, node] of names) {
    const file = path.join(folder, name)
    if (node.kind === 'folder') writeFolder(node, file, mode, random)
    else {
      const changes = choose(node.pending, mode, random).flatMap((change) =>
        'bytes' in change && mode === 'any' ? tear(change, random) : [change],
      )
      writeFileSync(file, contentOf(node.synced, changes), { mode: 0o600 })
    }
  }
}

function choose<T>(pending: readonly T[], mode: CutMode, random: Random): T[] {
  if (mode === 'nothing') return []
  if (mode === 'first') return pending.slice(0, random.below(pending.length + 1))
  return pending.filter(() => random.chance(0.5))
}

/** Of one write in five, only some sectors. */
function tear(write: { at: number; bytes: Buffer }, random: Random): { at: number; bytes: Buffer }[] {
  if (!random.chance(0.2)) return [write]
  const sectors: { at: number; bytes: Buffer }[] = []
  for (let from = 0; from < write.bytes.length;) {
    const end = Math.min(write.bytes.length, from + sectorBytes - ((write.at + from) % sectorBytes))
    if (random.chance(0.5)) sectors.push({ at: write.at + from, bytes: write.bytes.subarray(from, end) })
    from = end
  }
  return sectors
}
