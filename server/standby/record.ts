import { audit } from '../audit/audit.ts'
import type { HubContext } from '../context.ts'
import { runOperation } from '../operation.ts'

/** Records what a request or a command did, in an operation of its own. */
export function record(hub: HubContext, event: Parameters<typeof audit>[1]): Promise<void> {
  return runOperation(hub, { locks: [] }, (op) => {
    audit(op, event)
    return Promise.resolve()
  })
}
