import { createHash } from 'node:crypto'

/** Files whose content follows from their name, so that a digest is known wherever the name is. */

const nameEnd = '.dat'

export function nameOfFile(writer: string, number: number, bytes: number): string {
  return `${writer}-${number}-${bytes}${nameEnd}`
}

export function contentOfFile(name: string): Buffer<ArrayBuffer> {
  const bytes = Number(name.slice(0, -nameEnd.length).split('-').at(-1))
  return Buffer.alloc(bytes, name)
}

export function digestOfFile(name: string): string {
  return createHash('sha256').update(contentOfFile(name)).digest('hex')
}
