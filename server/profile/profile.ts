import type { Input } from '../../shared/contract.ts'
import type { Settings } from '../../shared/contract/profile.ts'
import type { User } from '../../shared/contract/users.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { checkLine, foldCase, normalizeLine, type ValidationProblem } from '../../shared/text/names.ts'
import { checkBio, normalizeBio } from '../../shared/text/profile.ts'
import { userCounter, consumeAttempts } from '../accounts/attempt-limiter.ts'
import { resizePicture, requirePicture } from '../files/avatar.ts'
import type { HubContext } from '../context.ts'
import { userLock } from '../locks.ts'
import { newId } from '../ids.ts'
import { toUser, userColumns } from '../users/user-view.ts'
import { publishUserUpdated } from '../users/users.ts'
import { type Operation, runOperation } from '../operation.ts'
import { parseSettings } from '../users/settings.ts'

/** Changes the given fields. An unchanged field appends no entry, so a retry is harmless. */
export async function updateProfile(op: Operation, userId: string, input: Input<'me.update'>) {
  const before = await findUser(op, userId)
  const displayName = input.displayName === undefined ? before.displayName : normalizeLine(input.displayName)
  if (input.displayName !== undefined) {
    throwIfInvalid('displayName', checkLine(displayName, 'The display name', limits.displayName))
  }
  const bio = input.bio === undefined ? before.bio : normalizeBio(input.bio) || null
  if (input.bio !== undefined) throwIfInvalid('bio', checkBio(bio ?? ''))
  for (const { name } of input.settings?.chatList?.sections ?? []) {
    throwIfInvalid('settings', checkLine(name, 'The name of a section', limits.sectionName))
  }
  const settings = { ...parseSettings(before.settings), ...normalizeKeywords(input.settings) }
  const json = JSON.stringify(settings)
  if (input.settings && Buffer.byteLength(json) > limits.settings) {
    throw new HubError('too_large', 'These settings are too large. Put fewer chats into sections.', {
      field: 'settings',
    })
  }

  await op.db
    .updateTable('user')
    .set({ displayName, displayKey: foldCase(displayName), bio, settings: json })
    .where('id', '=', userId)
    .execute()
  const changed = displayName !== before.displayName || bio !== before.bio
  const user = changed ? await publishUserUpdated(op, userId, userId) : toUser(before)
  if (json !== before.settings && input.settings) {
    await publishSettings(op, userId, { ...input.settings, ...normalizeKeywords(input.settings) })
    if (input.settings.keywords) await storeKeywords(op, userId, settings.keywords ?? [])
    const { hideLastSeen = false } = settings
    op.tell({ f: 'hidesLastSeen', user: userId, hides: hideLastSeen })
  }
  return { user, settings }
}

/** Each word once, as one line. @throws HubError invalid, too_large */
function normalizeKeywords(settings: Settings | undefined): Settings | undefined {
  if (!settings?.keywords) return settings
  const words = new Map<string, string>()
  for (const typed of settings.keywords) {
    const word = normalizeLine(typed)
    throwIfInvalid('settings', checkLine(word, 'A keyword', limits.keyword))
    if (!words.has(foldCase(word))) words.set(foldCase(word), word)
  }
  return { ...settings, keywords: [...words.values()] }
}

async function storeKeywords(op: Operation, userId: string, words: readonly string[]): Promise<void> {
  await op.db.deleteFrom('keyword').where('userId', '=', userId).execute()
  if (words.length === 0) return
  const rows = words.map((word) => ({ userId, word: foldCase(word) }))
  await op.db.insertInto('keyword').values(rows).execute()
}

/** Checks the picture, stores it, and only then sets it as the user's avatar. */
export async function setAvatar(hub: HubContext, userId: string, bytes: Uint8Array): Promise<{ user: User }> {
  requirePicture(bytes)
  await consumeAttempts(hub, [userCounter('avatar', userId)])
  const avatarDigest = await hub.files.writeContent(await resizePicture(hub.imageResizer, userId, bytes))
  try {
    return await runOperation(hub, { locks: [userLock(userId)] }, (op) =>
      updateAvatar(op, userId, avatarDigest),
    )
  } finally {
    hub.fileRemoval.settle([avatarDigest])
  }
}

async function updateAvatar(op: Operation, userId: string, avatarDigest: string): Promise<{ user: User }> {
  const before = await findUser(op, userId)
  // the same picture again: a retry whose response was lost
  if (before.avatarDigest === avatarDigest) return { user: toUser(before) }
  const avatar = newId()
  await op.db.updateTable('user').set({ avatar, avatarDigest }).where('id', '=', userId).execute()
  op.after(() => op.hub.fileRemoval.schedule())
  return { user: await publishUserUpdated(op, userId, userId) }
}

export async function removeAvatar(op: Operation, userId: string): Promise<User> {
  const before = await findUser(op, userId)
  if (before.avatar === null) return toUser(before)
  await op.db.updateTable('user').set({ avatar: null, avatarDigest: null }).where('id', '=', userId).execute()
  op.after(() => op.hub.fileRemoval.schedule())
  return publishUserUpdated(op, userId, userId)
}

function findUser(op: Operation, userId: string) {
  return op.db
    .selectFrom('user')
    .where('id', '=', userId)
    .select([...userColumns, 'user.avatarDigest', 'user.settings'])
    .executeTakeFirstOrThrow()
}

async function publishSettings(op: Operation, userId: string, changes: Settings): Promise<void> {
  await op.append(`user:${userId}`, {
    type: 'settings.updated',
    by: userId,
    data: changes,
    content: { changes },
  })
}

function throwIfInvalid(field: string, problem: ValidationProblem | undefined): void {
  if (problem) throw new HubError(problem.code, problem.message, { field })
}
