import { X509Certificate } from 'node:crypto'
import type { HubId, Trust } from '../../shared/desktop.ts'
import { type Place, readPlaces } from '../../shared/places.ts'
import { parseTerm, type Term } from '../../shared/term.ts'
import type { JsonFile } from '../json-file.ts'

/** The data saved about a hub on this computer, without its token. */
export interface KnownHub {
  id: HubId
  name: string
  addresses: string[]
  trust: Trust
  /** PEM of the hub's CA, for `pinned`. */
  pin?: string | undefined
  /** The computers that are the hub or its standbys, as the hub named them last. Apart from the addresses: a standby is none. */
  places?: Place[] | undefined
  /** The highest term that the hub's key has signed and this app has seen. */
  term?: Term | undefined
}

/** A laptop that has been in many networks does not need all their addresses. */
const maxAddresses = 8

/** The known hubs in the order of the rail, saved in one file. */
export class HubRegistry {
  readonly #file: JsonFile
  #hubs: KnownHub[]

  constructor(file: JsonFile) {
    this.#file = file
    this.#hubs = parseHubs(file.read())
  }

  list(): readonly KnownHub[] {
    return this.#hubs
  }

  find(id: HubId): KnownHub | undefined {
    return this.#hubs.find((hub) => hub.id === id)
  }

  /** Adds a new hub at the end, or updates a known one. @throws ShellError if it cannot be saved */
  upsert(hub: KnownHub): KnownHub {
    const { merged, hubs } = this.#merge(hub)
    this.#save(hubs)
    return merged
  }

  #merge(hub: KnownHub): { merged: KnownHub; hubs: KnownHub[] } {
    const known = this.find(hub.id)
    const merged = {
      ...hub,
      places: hub.places ?? known?.places,
      term: hub.term ?? known?.term,
      addresses: uniqueAddresses([...hub.addresses, ...(known?.addresses ?? [])]),
    }
    const hubs = known
      ? this.#hubs.map((entry) => (entry === known ? merged : entry))
      : [...this.#hubs, merged]
    return { merged, hubs }
  }

  /** Records addresses where the hub may be found too. */
  recordAddresses(hub: KnownHub): void {
    this.#record(this.#merge(hub).hubs)
  }

  /** Records that this address worked last, so that it is tried first. */
  recordReached(id: HubId, address: string, name?: string): void {
    const hub = this.find(id)
    if (!hub) return
    if (hub.addresses[0] === address && (name === undefined || name === hub.name)) return
    this.#record(this.#merge({ ...hub, name: name ?? hub.name, addresses: [address] }).hubs)
  }

  /** Records what the hub says about its computers, and the term that this app has verified. */
  recordContinuity(id: HubId, changes: Pick<KnownHub, 'places' | 'term'>): void {
    const hub = this.find(id)
    if (!hub) return
    const changed = { ...hub, ...changes }
    if (JSON.stringify(changed) === JSON.stringify(hub)) return
    this.#record(this.#hubs.map((entry) => (entry === hub ? changed : entry)))
  }

  remove(id: HubId): void {
    this.#save(this.#hubs.filter((hub) => hub.id !== id))
  }

  /** Hubs that are not listed keep their order after the others. */
  reorder(ids: readonly HubId[]): void {
    const named = ids.flatMap((id) => this.find(id) ?? [])
    this.#save([...new Set([...named, ...this.#hubs])])
  }

  #save(hubs: KnownHub[]): void {
    this.#file.write({ version: 1, hubs })
    this.#hubs = hubs
  }

  /** What is learned on the way counts until the app ends, also if it cannot be saved. */
  #record(hubs: KnownHub[]): void {
    this.#hubs = hubs
    this.#file.writeIfPossible({ version: 1, hubs })
  }
}

function uniqueAddresses(addresses: string[]): string[] {
  return [...new Set(addresses)].slice(0, maxAddresses)
}

/** Returns the valid hubs in the file: a damaged line costs one hub, not all. */
function parseHubs(content: unknown): KnownHub[] {
  const list = (content as { hubs?: unknown } | undefined)?.hubs
  return Array.isArray(list) ? list.filter(isKnownHub).map(withSoundContinuity) : []
}

/** What is damaged here costs a look at the network, not the hub. */
function withSoundContinuity({ places, term, ...hub }: KnownHub): KnownHub {
  const sound = parseTerm(term)
  return {
    ...hub,
    ...(places === undefined ? {} : { places: readPlaces(places) }),
    ...(sound === undefined ? {} : { term: sound }),
  }
}

function isKnownHub(value: unknown): value is KnownHub {
  const hub = value as Partial<KnownHub> | null
  return (
    typeof hub?.id === 'string' &&
    /^[A-Za-z0-9_-]{43}$/.test(hub.id) &&
    typeof hub.name === 'string' &&
    Array.isArray(hub.addresses) &&
    hub.addresses.every((address) => typeof address === 'string') &&
    (hub.trust === 'public' || hub.trust === 'local' || (hub.trust === 'pinned' && isCertificate(hub.pin)))
  )
}

function isCertificate(pem: unknown): boolean {
  try {
    return new X509Certificate(String(pem)).ca
  } catch {
    return false
  }
}
