import { defaultHubPort } from './settings.ts'

/**
 * The port that others know the hub by, then the default, then any free port. The desktop tells the user, and discovery
 * the network, when it is not the first.
 */
export function portCandidates(remembered: number): number[] {
  return [...new Set([remembered, defaultHubPort, 0])]
}
