import { noAccessCheck, read, write, defineHandlers } from '../define-handlers.ts'
import { viewerLocks } from '../request-locks.ts'
import { listActivity, markActivityRead } from './activity.ts'

export const activityHandlers = defineHandlers({
  'activity.list': read({
    access: noAccessCheck,
    run: ({ db, viewer }, input) => listActivity(db, viewer.userId, input),
  }),
  'activity.read': write({
    access: noAccessCheck,
    locks: viewerLocks,
    run: (op, input) => markActivityRead(op, input),
  }),
})
