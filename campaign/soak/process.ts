import { readdirSync, readFileSync } from 'node:fs'

/* What a process of this computer uses, read from Linux. */

export function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

export function residentMegabytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1_024
}

/** Figures of the ops port, without labels. */
export async function figuresOf(opsUrl: string, names: readonly string[]): Promise<number[]> {
  const text = await (await fetch(`${opsUrl}/metrics`)).text()
  return names.map((name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN))
}
