import type { Viewer } from '../caller.ts'
import type { Db } from '../db/schema.ts'
import { custom, defineHandlers } from '../define-handlers.ts'
import { requireHubOwner } from '../access/hub.ts'
import { audit } from '../audit/audit.ts'
import { runOperation } from '../operation.ts'
import { backupsOf } from './backups.ts'

const hubOwner = (db: Db, viewer: Viewer): Promise<void> => requireHubOwner(db, viewer.userId)

export const backupHandlers = defineHandlers({
  'admin.backups': custom({ access: hubOwner, run: ({ hub }) => backupsOf(hub).status() }),
  'admin.backups.update': custom({
    access: hubOwner,
    run: async ({ hub, viewer }, input) => {
      await backupsOf(hub).update(input)
      await runOperation(hub, { locks: [] }, (op) => {
        const detail = { changed: Object.keys(input).sort().join(' ') }
        audit(op, { action: 'backup.settings-changed', by: viewer.userId, detail })
        return Promise.resolve()
      })
      return backupsOf(hub).status()
    },
  }),
  'admin.backups.make': custom({
    access: hubOwner,
    run: ({ hub, viewer }) => {
      backupsOf(hub).make(viewer.userId)
      return backupsOf(hub).status()
    },
  }),
  'admin.backups.verify': custom({
    access: hubOwner,
    run: async ({ hub, viewer }, { pointId }) => {
      await backupsOf(hub).verify(pointId, viewer.userId)
      return backupsOf(hub).status()
    },
  }),
  'admin.backups.download': custom({
    access: hubOwner,
    run: async ({ hub }, { pointId }) => {
      await backupsOf(hub).findPoint(pointId)
      return { path: `/api/admin/backups/${pointId}/archive` }
    },
  }),
  'admin.backups.rehearse': custom({
    access: hubOwner,
    run: ({ hub }) => {
      backupsOf(hub).rehearse()
      return backupsOf(hub).status()
    },
  }),
})
