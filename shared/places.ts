import { normalizeAddress } from './text/invite-link.ts'

/** A computer that is the hub, or that follows it. */
export interface Place {
  node: string
  /** Name of the computer, as its owner calls it. */
  name: string
  role: 'hub' | 'standby'
  /** `10.0.0.5:7788`, the most promising first. */
  addresses: string[]
}

const maxTextLength = 200

/**
 * Returns the places of a message or a response that have the right form: at most eight. Of their addresses those that are
 * host and port, and nothing that an address bar would read otherwise.
 */
export function readPlaces(value: unknown): Place[] {
  const places = Array.isArray(value) ? value.filter(isPlace).slice(0, maxPlaces) : []
  return places.map((place) => ({
    ...place,
    addresses: place.addresses.filter((address) => normalizeAddress(address) !== undefined),
  }))
}

const maxPlaces = 8
const maxPlaceAddresses = 8

function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null) return false
  const { node, name, role, addresses } = value as Record<string, unknown>
  return (
    [node, name].every((text) => typeof text === 'string' && text.length <= maxTextLength) &&
    (role === 'hub' || role === 'standby') &&
    Array.isArray(addresses) &&
    addresses.length <= maxPlaceAddresses &&
    addresses.every((address) => typeof address === 'string' && address.length <= 300)
  )
}
