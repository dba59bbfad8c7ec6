import type { HubContext } from '../context.ts'
import type { HubContinuity } from './hub-continuity.ts'

const byHub = new WeakMap<HubContext, HubContinuity>()

export function continuityOf(hub: HubContext): HubContinuity {
  const continuity = byHub.get(hub)
  if (!continuity) throw new Error('a hub without its continuity')
  return continuity
}

export function setContinuity(hub: HubContext, continuity: HubContinuity): void {
  byHub.set(hub, continuity)
}
