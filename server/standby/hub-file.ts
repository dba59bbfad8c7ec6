import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { readPlaces, type Place } from '../../shared/places.ts'
import { continuityFolder } from '../continuity/state-file.ts'

/** Where the other computers of the hub were last: read at the start of a standby. Losing it loses no data. */
export interface HubFile {
  readonly hubId: string
  /** The name of this computer, for the owner. */
  readonly name: string
  readonly places: readonly Place[]
}

function fileOf(dataDir: string): string {
  return path.join(continuityFolder(dataDir), 'places.json')
}

export function readHubFile(dataDir: string): HubFile | undefined {
  if (!existsSync(fileOf(dataDir))) return undefined
  try {
    const { hubId, name, places } = JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as Record<
      string,
      unknown
    >
    if (typeof hubId !== 'string' || typeof name !== 'string') return undefined
    return { hubId, name, places: readPlaces(places) }
  } catch {
    return undefined
  }
}

export function writeHubFile(dataDir: string, content: HubFile): void {
  const file = fileOf(dataDir)
  writeFileSync(`${file}.new`, `${JSON.stringify(content)}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
}

/** Saves what the hub has named. The address that works now is kept among those of the hub. */
export function savePlaces(dataDir: string, places: readonly Place[], address: string | undefined): void {
  const known = readHubFile(dataDir)
  if (!known || places.length === 0) return
  const kept = places.map((place) =>
    place.role === 'hub' && address !== undefined && !place.addresses.includes(address)
      ? { ...place, addresses: [address, ...place.addresses].slice(0, 8) }
      : place,
  )
  writeHubFile(dataDir, { ...known, places: kept })
}
