import { defaultHubPort } from './settings.ts'

/**
 * The one that others know the hub by; then the usual one; then whatever the system has free. The desktop tells the
 * person and the network when it is not the first.
 */
export function portCandidates(remembered: number): number[] {
  return [...new Set([remembered, defaultHubPort, 0])]
}
