import { HubError, type WireError } from '../shared/errors.ts'
import type { HubContext } from './context.ts'

/** The error of a request as clients get it. An error that is not for them is logged, with the name of the request. */
export function toWireError(hub: HubContext, error: unknown, name: string): WireError {
  if (error instanceof HubError) {
    if (error.code === 'internal') hub.log.error({ err: error, request: name }, 'a request failed')
    return error.toWire()
  }
  hub.log.error({ err: error, request: name }, 'a request failed')
  return {
    code: 'internal',
    message: 'Something went wrong on the hub. Try again. If it keeps happening, tell an admin of this hub.',
  }
}
