import type { Input } from '../../shared/contract.ts'
import type { HubSettings } from '../../shared/contract/admin.ts'
import { limits, type HubRole } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import { audit } from '../audit/audit.ts'
import { chooseTeamGroup, findTeamGroup } from '../chats/team-group.ts'
import type { Db } from '../db/schema.ts'
import type { UserOperation } from '../operation.ts'

/** Settings that only the owner may change, with the reason. */
const ownerOnlySettings: Partial<Record<keyof HubSettings, string>> = {
  registration: 'Only the owner of this hub can decide who may register.',
  recoveryByQuestion: 'Only the owner of this hub can decide how users recover their accounts.',
  groupMembers: 'Only the owner of this hub can change its limits.',
  fileBytes: 'Only the owner of this hub can change its limits.',
  userBytes: 'Only the owner of this hub can change its limits.',
  retentionDays: 'Only the owner of this hub can decide how long messages are stored.',
}

/** Settings that all users of the hub see; the others are for admins. */
const publishedSettings = ['hubName', 'registration', 'recoveryByQuestion'] as const

export async function readSettings(db: Db): Promise<HubSettings> {
  const row = await db
    .selectFrom('hub')
    .select([
      'name',
      'registration',
      'recoveryByQuestion',
      'groupMembers',
      'fileBytes',
      'userBytes',
      'retentionDays',
    ])
    .executeTakeFirstOrThrow()
  return {
    hubName: row.name,
    registration: row.registration,
    recoveryByQuestion: row.recoveryByQuestion === 1,
    groupMembers: row.groupMembers,
    fileBytes: row.fileBytes,
    userBytes: row.userBytes,
    retentionDays: row.retentionDays,
    teamGroup: (await findTeamGroup(db))?.id ?? null,
  }
}

export async function updateSettings(
  op: UserOperation,
  input: Input<'admin.settings.update'>,
  mine: HubRole,
): Promise<HubSettings> {
  for (const [field, words] of Object.entries(ownerOnlySettings)) {
    if (Object.hasOwn(input, field) && mine !== 'owner') throw new HubError('forbidden', words, { field })
  }
  const before = await readSettings(op.db)
  const after: HubSettings = { ...before, ...input }
  if (input.hubName !== undefined) after.hubName = checkHubName(input.hubName)
  const changed = (Object.keys(after) as (keyof HubSettings)[]).filter((key) => after[key] !== before[key])
  if (changed.length === 0) return before
  await op.db
    .updateTable('hub')
    .set({
      name: after.hubName,
      registration: after.registration,
      recoveryByQuestion: after.recoveryByQuestion ? 1 : 0,
      groupMembers: after.groupMembers,
      fileBytes: after.fileBytes,
      userBytes: after.userBytes,
      retentionDays: after.retentionDays,
    })
    .where('id', '=', 1)
    .execute()
  if (changed.includes('teamGroup')) await chooseTeamGroup(op, after.teamGroup)
  const changes = Object.fromEntries(
    publishedSettings.filter((key) => changed.includes(key)).map((key) => [key, after[key]]),
  )
  if (Object.keys(changes).length > 0) {
    await op.append('hub', {
      type: 'hub.updated',
      by: op.viewer.userId,
      data: changes,
      content: { changes },
    })
  }
  // the hub name is free text, so it is not recorded; other settings are recorded with their new value
  const values = changed.filter((key) => key !== 'hubName').map((key) => [key, after[key] ?? 'none'] as const)
  audit(op, {
    action: 'hub.settings-changed',
    by: op.viewer.userId,
    detail: { changed: changed.join(' '), ...Object.fromEntries(values) },
  })
  if (changed.includes('retentionDays')) op.after(() => op.hub.jobs.runSoon('messages.expire'))
  return after
}

function checkHubName(typed: string): string {
  const hubName = normalizeLine(typed)
  const problem = checkLine(hubName, 'The name of the hub', limits.hubName)
  if (problem) throw new HubError(problem.code, problem.message, { field: 'hubName' })
  return hubName
}
