import type { FromHub } from '../../shared/contract/live.ts'

/** Maximum bytes of a frame to the hub, well below its limit of 64 KiB. */
const maxFrameBytes = 60 * 1024

/** True if a request fits into a frame; otherwise it goes over HTTP. */
export function fitsFrame(input: unknown): boolean {
  return byteLength(JSON.stringify(input) ?? '') < maxFrameBytes - 256
}

/** The messages of one frame from the hub; undefined if it is malformed. */
export function parseFrame(data: unknown): FromHub[] | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const messages: unknown = JSON.parse(data)
    if (!Array.isArray(messages)) return undefined
    return messages.filter((message) => typeof (message as FromHub | null)?.t === 'string') as FromHub[]
  } catch {
    return undefined
  }
}

/** Packs JSON messages into as few frames as the hub's limit allows. */
export function packFrames(messages: string[]): string[] {
  const frames: string[] = []
  let held: string[] = []
  let bytes = 2
  for (const message of messages) {
    const more = byteLength(message) + 1
    if (held.length > 0 && bytes + more > maxFrameBytes) {
      frames.push(`[${held.join(',')}]`)
      held = []
      bytes = 2
    }
    held.push(message)
    bytes += more
  }
  if (held.length > 0) frames.push(`[${held.join(',')}]`)
  return frames
}

const encoder = new TextEncoder()

function byteLength(text: string): number {
  return encoder.encode(text).length
}
