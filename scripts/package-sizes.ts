// The size of what is packed, for each target, against the last recorded one in package-sizes.json.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const recordFile = path.join(import.meta.dirname, 'package-sizes.json')
/** A new package or picture that is larger than this has to be meant: record the new size. */
const allowedGrowth = 0.05

/** In bytes: the archive, the files next to it, and the installers that were made, by the end of their names. */
export type PackageSizes = Record<string, number>
export type RecordedSizes = Record<string, PackageSizes>

export function readRecordedSizes(): RecordedSizes {
  return JSON.parse(readFileSync(recordFile, 'utf8')) as RecordedSizes
}

export function recordSizes(target: string, sizes: PackageSizes): void {
  const recorded = { ...readRecordedSizes(), [target]: sizes }
  const sorted = Object.fromEntries(Object.entries(recorded).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(recordFile, `${JSON.stringify(sorted, undefined, 2)}\n`)
}

/** Returns a line for each size, and a problem for each that grew more than allowed. */
export function compareSizes(
  target: string,
  sizes: PackageSizes,
  recorded: PackageSizes = {},
): { lines: string[]; problems: string[] } {
  const lines: string[] = []
  const problems: string[] = []
  for (const [part, bytes] of Object.entries(sizes)) {
    const last = recorded[part]
    if (last === undefined) {
      lines.push(`${target}: ${part} ${inMegabytes(bytes)}, no earlier size is recorded`)
      continue
    }
    const growth = bytes / last - 1
    const sign = growth < 0 ? '' : '+'
    lines.push(
      `${target}: ${part} ${inMegabytes(bytes)}, last ${inMegabytes(last)} (${sign}${(growth * 100).toFixed(1)} %)`,
    )
    if (growth > allowedGrowth) {
      problems.push(
        `${target}: ${part} grew from ${inMegabytes(last)} to ${inMegabytes(bytes)}. If that is meant, run check-package with --record.`,
      )
    }
  }
  return { lines, problems }
}

export const inMegabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`
