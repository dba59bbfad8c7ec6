import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { HubError } from '../../shared/errors.ts'
import { requireHubAdmin } from '../access/hub.ts'
import { requireReauthenticated } from '../sessions/sessions.ts'
import { audit } from '../audit/audit.ts'
import { notApprovedYet, notLoggedIn } from '../caller.ts'
import type { HubContext } from '../context.ts'
import { isSameOrigin } from '../http/origin.ts'
import { authenticate } from '../http/session.ts'
import { type AuditFilter, auditCsv } from './audit-log.ts'
import { runOperation } from '../operation.ts'

const filterNames = ['by', 'action', 'after', 'before'] as const

/** `GET /api/admin/audit.csv`: the audit log as a file. Each export is recorded in the log. */
export function registerAuditCsvRoute(app: FastifyInstance, hub: HubContext): void {
  app.get('/api/admin/audit.csv', async (request, reply) => {
    const viewer = await authenticate(hub, request)
    if (!viewer) throw notLoggedIn()
    if (viewer.pending) throw notApprovedYet()
    // the request writes to the log, so a page of another site must not be able to send it
    if (viewer.kind === 'cookie' && request.headers['sec-fetch-site'] !== 'none' && !isSameOrigin(request)) {
      throw new HubError('forbidden', 'The audit log can only be downloaded from a page of this hub.')
    }
    await hub.store.read((db) => requireHubAdmin(db, viewer))
    const filter = parseAuditFilter(request.query as Record<string, unknown>)
    await runOperation(hub, { locks: [] }, async (op) => {
      await requireHubAdmin(op.db, viewer)
      await requireReauthenticated(op.db, viewer, hub.clock())
      audit(op, {
        action: 'audit.exported',
        by: viewer.userId,
        address: request.clientAddress,
        detail: { filtered: Object.keys(filter).length > 0 },
      })
    })
    const day = new Date(hub.clock()).toISOString().slice(0, 10)
    return reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="hubbub-audit-${day}.csv"`)
      .header('cache-control', 'no-store')
      .send(Readable.from(auditCsv(hub.store, filter)))
  })
}

/** As strict as the requests of the contract. @throws invalid with the field */
function parseAuditFilter(query: Record<string, unknown>): AuditFilter {
  const filter: AuditFilter = {}
  for (const [key, value] of Object.entries(query)) {
    const name = filterNames.find((one) => one === key)
    if (!name || typeof value !== 'string' || value.length > 80) {
      const field = key.slice(0, 40)
      throw new HubError('invalid', `“${field}” is not a filter of the audit log.`, { field })
    }
    if (name === 'by' || name === 'action') filter[name] = value
    else if (/^\d{1,15}$/.test(value)) filter[name] = Number(value)
    else
      throw new HubError('invalid', `“${name}” must be a time in milliseconds since 1970.`, { field: name })
  }
  return filter
}
