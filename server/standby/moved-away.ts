import { StartError } from '../start-error.ts'
import type { Term } from '../../shared/term.ts'

/** The error of a hub that does not start, because another computer is the hub. */
export function movedAway(dataDir: string, { at }: Term): StartError {
  return new StartError(
    `This hub runs on another computer since ${new Date(at).toISOString()}, so it does not start here: two hubs with one key would part the team. If that computer is gone for good, make this one the hub again with "npm run hub -- promote --force --data ${dataDir}".`,
  )
}
