import { protocol } from '../../shared/contract/live.ts'

/** `client`: this program is too old for the hub. `hub`: the hub is too old for it. */
export type Outdated = 'client' | 'hub'

/** `hub`: the versions of the protocol that the hub speaks. */
export function outdatedOf(hub: { min: number; max: number }): Outdated | undefined {
  if (hub.min > protocol.max) return 'client'
  return hub.max < protocol.min ? 'hub' : undefined
}
