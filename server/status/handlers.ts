import { defineHandlers, noAccessCheck, write } from '../define-handlers.ts'
import { viewerLocks } from '../request-locks.ts'
import { clearStatus, setStatus } from './status.ts'

export const statusHandlers = defineHandlers({
  'status.set': write({ access: noAccessCheck, locks: viewerLocks, run: setStatus }),
  'status.clear': write({ access: noAccessCheck, locks: viewerLocks, run: clearStatus }),
})
