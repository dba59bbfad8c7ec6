import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { EmptyObject, Id, strict, Time } from './values.ts'

const Bytes = Type.Integer({ description: 'bytes' })
const Path = Type.String({ minLength: 1, maxLength: 1000, description: 'a folder on the hub’s computer' })

const BackupKeep = Type.Object(
  {
    days: Type.Integer({ minimum: 1, maximum: 90 }),
    weeks: Type.Integer({ minimum: 0, maximum: 104 }),
    months: Type.Integer({ minimum: 0, maximum: 120 }),
  },
  { ...strict, description: 'the newest point of so many days, weeks and months is kept' },
)

const ClockTime = Type.String({
  pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
  description: 'when a point is made each night, by the clock of the hub’s computer',
})

/** `away`: the folder is not there now. `taken`: another hub writes its backups to it. */
export const BackupPlaceState = Type.Union([
  Type.Literal('good'),
  Type.Literal('never'),
  Type.Literal('away'),
  Type.Literal('full'),
  Type.Literal('taken'),
  Type.Literal('failed'),
])

export const BackupPlace = Type.Object(
  {
    path: Path,
    state: BackupPlaceState,
    at: Type.Optional(Type.Integer({ description: 'when its last verified point was made' })),
    problem: Type.Optional(Type.String({ description: 'why the last attempt failed, for the user' })),
    isSameDisk: Type.Boolean({ description: 'on the disk of the hub’s data' }),
    free: Type.Optional(Bytes),
  },
  { ...strict, $id: 'BackupPlace' },
)
export type BackupPlace = Static<typeof BackupPlace>

export const BackupPoint = Type.Object(
  {
    id: Id,
    path: Path,
    madeAt: Time,
    messages: Type.Integer(),
    files: Type.Integer(),
    bytes: Type.Integer({ description: 'bytes of a download' }),
    lost: Type.Integer({ description: 'files that the hub had lost when the point was made' }),
    verifiedAt: Time,
    problem: Type.Optional(Type.String({ description: 'why it cannot be restored' })),
  },
  { ...strict, $id: 'BackupPoint' },
)
export type BackupPoint = Static<typeof BackupPoint>

export const BackupStatus = Type.Object(
  {
    isOn: Type.Boolean(),
    isFixed: Type.Boolean({ description: 'the command that starts the hub names the folders' }),
    time: ClockTime,
    keep: BackupKeep,
    nextAt: Type.Optional(Time),
    work: Type.Optional(
      Type.Union([Type.Literal('making'), Type.Literal('verifying'), Type.Literal('rehearsing')], {
        description: 'under way now: ask again a moment later',
      }),
    ),
    places: Type.Array(BackupPlace),
    points: Type.Array(BackupPoint, { description: 'the newest first' }),
    rehearsal: Type.Optional(
      Type.Object(
        {
          at: Time,
          messages: Type.Optional(Type.Integer()),
          ms: Type.Optional(Type.Integer({ description: 'from the start of the hub to its first answer' })),
          problem: Type.Optional(Type.String()),
        },
        strict,
      ),
    ),
  },
  { ...strict, $id: 'BackupStatus' },
)
export type BackupStatus = Static<typeof BackupStatus>

export const adminBackups = defineRequest({
  name: 'admin.backups',
  method: 'GET',
  path: '/api/admin/backups',
  access: 'hub owner',
  summary: 'The backups that the hub makes by itself: when, where, which there are, and what was wrong.',
  input: EmptyObject,
  output: BackupStatus,
})

export const adminBackupsUpdate = defineRequest({
  name: 'admin.backups.update',
  method: 'PATCH',
  path: '/api/admin/backups',
  access: 'hub owner',
  requiresReauthentication: true,
  summary:
    'Changes when and where backups are made. `takeOver`: write to folders that another copy of this hub writes to.',
  input: Type.Object(
    {
      isOn: Type.Optional(Type.Boolean()),
      time: Type.Optional(ClockTime),
      keep: Type.Optional(BackupKeep),
      places: Type.Optional(Type.Array(Path, { maxItems: 4 })),
      takeOver: Type.Optional(Type.Literal(true)),
    },
    strict,
  ),
  output: BackupStatus,
})

export const adminBackupsMake = defineRequest({
  name: 'admin.backups.make',
  method: 'POST',
  path: '/api/admin/backups/make',
  access: 'hub owner',
  summary: 'Begins a backup in every folder now. `work` of the status says when it has ended.',
  input: EmptyObject,
  output: BackupStatus,
})

export const adminBackupsVerify = defineRequest({
  name: 'admin.backups.verify',
  method: 'POST',
  path: '/api/admin/backups/:pointId/verify',
  access: 'hub owner',
  summary: 'Begins to read a point and all of its files. The result is in the status.',
  input: Type.Object({ pointId: Id }, strict),
  output: BackupStatus,
})

export const adminBackupsRehearse = defineRequest({
  name: 'admin.backups.rehearse',
  method: 'POST',
  path: '/api/admin/backups/rehearse',
  access: 'hub owner',
  summary: 'Begins to start a hub on a copy of the newest point. The result is in the status.',
  input: EmptyObject,
  output: BackupStatus,
})

export const adminBackupsDownload = defineRequest({
  name: 'admin.backups.download',
  method: 'POST',
  path: '/api/admin/backups/:pointId/download',
  access: 'hub owner',
  requiresReauthentication: true,
  summary:
    'Returns the path that sends a point as one file, the one that `restore` takes. It works in the session that asked, while that is re-authenticated. The file holds all messages and the key of the hub.',
  input: Type.Object({ pointId: Id }, strict),
  output: Type.Object({ path: Type.String() }, strict),
})
