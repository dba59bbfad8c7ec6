import { Type, type Static } from './type.ts'
import { BackupPlaceState } from './backups.ts'
import { defineRequest } from './define.ts'
import { Id, Limit, EmptyObject, strict, Time } from './values.ts'

const Bytes = Type.Integer({ description: 'bytes' })

export const HubStorage = Type.Object(
  {
    database: Bytes,
    /** Write-ahead log: commits that are not yet checkpointed into the database file. */
    journal: Bytes,
    files: Type.Object({ count: Type.Integer(), bytes: Bytes }, strict),
    backups: Type.Object({ count: Type.Integer(), bytes: Bytes }, strict),
    disk: Type.Object({ free: Bytes, total: Bytes }, strict),
    messages: Type.Integer(),
    users: Type.Integer(),
    chats: Type.Integer(),
  },
  { ...strict, $id: 'HubStorage' },
)
export type HubStorage = Static<typeof HubStorage>

export const adminStorage = defineRequest({
  name: 'admin.storage',
  method: 'GET',
  path: '/api/admin/storage',
  access: 'hub admin',
  summary: 'Storage that the hub uses, and free space on its disk.',
  input: EmptyObject,
  output: HubStorage,
})

/** `good`: nothing to do. `attention`: act soon. `bad`: act now. */
export const HealthState = Type.Union([Type.Literal('good'), Type.Literal('attention'), Type.Literal('bad')])

const Count = Type.Integer({ minimum: 0 })
const Milliseconds = Type.Integer({ minimum: 0, description: 'the longest, in ms' })

export const HubActivity = Type.Object(
  {
    state: HealthState,
    loopMs: Type.Integer({ description: 'the longest delay of the event loop within the last minutes' }),
    commitMs: Type.Integer({ description: 'the longest commit within the last minutes' }),
    slow: Type.Integer({ description: 'live connections whose client reads too slowly, now' }),
    pointMs: Type.Integer({ description: 'length of time of a point' }),
    points: Type.Array(
      Type.Object(
        {
          at: Time,
          connections: Count,
          slow: Count,
          waiting: Count,
          operations: Count,
          deliveries: Count,
          loopMs: Milliseconds,
          commitMs: Milliseconds,
          memory: Bytes,
        },
        strict,
      ),
      {
        description:
          'the last day, the oldest first, since the start of the hub at most; `operations` and `deliveries` are sums, the others the highest values',
      },
    ),
  },
  { ...strict, $id: 'HubActivity' },
)
export type HubActivity = Static<typeof HubActivity>

export const HubHealth = Type.Object(
  {
    version: Type.String(),
    startedAt: Time,
    now: Time,
    connections: Type.Integer({ description: 'open live connections' }),
    disk: Type.Object({ state: HealthState, free: Bytes }, strict),
    backup: Type.Object(
      {
        state: HealthState,
        at: Type.Optional(Type.Integer({ description: 'when the last verified backup was made' })),
        elsewhereAt: Type.Optional(
          Type.Integer({
            description:
              'what was acknowledged before is in a verified backup on another disk than that of the hub',
          }),
        ),
        isScheduled: Type.Boolean(),
        places: Type.Array(
          Type.Object(
            { path: Type.String(), state: BackupPlaceState, at: Type.Optional(Time) },
            { ...strict, description: 'a folder in which the last backup was not made' },
          ),
        ),
        lost: Type.Integer({
          description: 'files that the last backup lacks, because the hub has lost them',
        }),
        rehearsal: Type.Optional(
          Type.Object({ at: Time, isGood: Type.Boolean() }, { ...strict, description: 'the last one' }),
        ),
        isByCommand: Type.Optional(
          Type.Boolean({
            description:
              'the hub makes none itself, because it has several processes or its files are in a bucket: a command does, or the tools of the database',
          }),
        ),
        keptMs: Type.Optional(
          Type.Integer({
            description:
              'for how long a stored file is kept after its last message was deleted, if processes share the files; a dump of the database finds its files for this long',
          }),
        ),
      },
      strict,
    ),
    audit: Type.Object(
      {
        state: HealthState,
        brokenAt: Type.Optional(
          Type.Integer({ description: 'id of the first row that breaks the hash chain' }),
        ),
      },
      strict,
    ),
    clock: Type.Object(
      {
        state: HealthState,
        stepMs: Type.Optional(
          Type.Integer({
            description:
              'how far the clock is ahead of (negative: behind) the time that passed; nothing is deleted by age',
          }),
        ),
      },
      strict,
    ),
    textBudget: Type.Object(
      {
        state: HealthState,
        reached: Type.Array(Type.Object({ userId: Id, name: Type.String(), at: Time }, strict), {
          description: 'users whose text was refused within a day, the latest first; 100 at most',
        }),
      },
      strict,
    ),
    database: Type.Object(
      {
        state: HealthState,
        isServer: Type.Optional(
          Type.Boolean({ description: 'the rows are in a database server, not in the folder of the hub' }),
        ),
      },
      { ...strict, description: '`bad`: a part of it is damaged' },
    ),
    files: Type.Object(
      {
        state: HealthState,
        missing: Type.Integer({ description: 'stored files that messages refer to and that are not there' }),
        unknown: Type.Integer({ description: 'stored files that nothing refers to, left where they are' }),
      },
      strict,
    ),
    bucket: Type.Optional(
      Type.Object(
        {
          state: HealthState,
          latencyMs: Type.Optional(Type.Integer({ description: 'time of the latest request that worked' })),
          failedAt: Type.Optional(Time),
          failure: Type.Optional(
            Type.String({
              description: 'of the latest request that failed: the code of the store or the system',
            }),
          ),
        },
        { ...strict, description: 'the object store of the files; `bad`: the latest request failed' },
      ),
    ),
    cluster: Type.Optional(
      Type.Object(
        {
          state: HealthState,
          processes: Type.Integer({ description: 'those heard within 5 s, with the one that responds' }),
        },
        {
          ...strict,
          description:
            'if several processes may serve the hub; `attention`: the one that responds does not hear the others',
        },
      ),
    ),
    activity: HubActivity,
    appPackages: Type.Optional(
      Type.Object(
        {
          state: HealthState,
          version: Type.Optional(Type.String({ description: 'absent if the list cannot be read' })),
          files: Type.Array(Type.String(), { description: 'packages that the hub passes on' }),
          missing: Type.Integer({ description: 'packages of the list that are not there or incomplete' }),
        },
        { ...strict, description: 'new versions of the app; absent if the owner provides none' },
      ),
    ),
  },
  { ...strict, $id: 'HubHealth' },
)
export type HubHealth = Static<typeof HubHealth>

export const adminHealth = defineRequest({
  name: 'admin.health',
  method: 'GET',
  path: '/api/admin/health',
  access: 'hub admin',
  summary:
    'Health of the hub: free disk space, the last backup, the chain of the audit log, the clock, the database, the stored files, the users who wrote more than one may within a day, and what the hub did within the last day.',
  input: EmptyObject,
  output: HubHealth,
})

export const adminClockConfirm = defineRequest({
  name: 'admin.clock.confirm',
  method: 'POST',
  path: '/api/admin/clock/confirm',
  access: 'hub admin',
  tokens: 'never',
  summary:
    'Confirms that the clock of the hub’s computer is right, so that messages, groups and uploads are deleted by age again. Owner only.',
  input: EmptyObject,
  output: HubHealth,
})

/** Selects rows of the audit log by user, action and time. */
export const auditFilter = {
  by: Type.Optional(Id),
  action: Type.Optional(Type.String({ maxLength: 80 })),
  after: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'rows at or after this time, milliseconds since 1970',
    }),
  ),
  before: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'rows up to this time, milliseconds since 1970',
    }),
  ),
}

export const AuditLogEntry = Type.Object(
  {
    id: Type.Integer(),
    at: Time,
    action: Type.String(),
    by: Type.Optional(Id),
    target: Type.Optional(Type.String()),
    address: Type.Optional(Type.String()),
    detail: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    ),
    /** Names of `by` and `target`, if they are users or groups that the caller may see. */
    byName: Type.Optional(Type.String()),
    targetName: Type.Optional(Type.String()),
    groupName: Type.Optional(
      Type.String({ description: 'name of the group that `detail` refers to, if the caller may see it' }),
    ),
  },
  { ...strict, $id: 'AuditLogEntry' },
)
export type AuditLogEntry = Static<typeof AuditLogEntry>

export const adminAudit = defineRequest({
  name: 'admin.audit',
  method: 'GET',
  path: '/api/admin/audit',
  access: 'hub admin',
  summary:
    'The audit log, latest first; `cursor` is the last id of the previous page. `GET /api/admin/audit.csv` with the same filters exports all rows.',
  input: Type.Object(
    {
      ...auditFilter,
      cursor: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
      limit: Type.Optional(Limit),
    },
    strict,
  ),
  output: Type.Object(
    {
      rows: Type.Array(AuditLogEntry),
      more: Type.Boolean(),
      actions: Type.Array(Type.String(), { description: 'all action names, for a filter' }),
    },
    strict,
  ),
})
