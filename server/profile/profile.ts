import type { Input } from '../../shared/contract.ts'
import type { Settings } from '../../shared/contract/profile.ts'
import type { User } from '../../shared/contract/users.ts'
import { limits } from '../../shared/contract/values.ts'
import { HubError } from '../../shared/errors.ts'
import { checkLine, foldCase, tidyLine, type Problem } from '../../shared/text/names.ts'
import { checkBio, tidyBio } from '../../shared/text/profile.ts'
import { byUser, charge } from '../accounts/throttle.ts'
import type { Tx } from '../db/writer.ts'
import { makePicture, requirePicture } from '../files/image.ts'
import type { Hub } from '../hub.ts'
import { newId } from '../ids.ts'
import type { Live } from '../live/live.ts'
import { append } from '../streams/log.ts'
import { toUser, userColumns } from '../users/project.ts'

/** Changes what is given. What is as it was makes no entry, so a retry is harmless. */
export async function updateProfile(tx: Tx, live: Live, userId: string, input: Input<'me.update'>) {
  const before = await findPerson(tx, userId)
  const displayName = input.displayName === undefined ? before.displayName : tidyLine(input.displayName)
  if (input.displayName !== undefined) {
    refuse('displayName', checkLine(displayName, 'The display name', limits.displayName))
  }
  const bio = input.bio === undefined ? before.bio : tidyBio(input.bio) || null
  if (input.bio !== undefined) refuse('bio', checkBio(bio ?? ''))
  for (const { name } of input.settings?.chatList?.sections ?? []) {
    refuse('settings', checkLine(name, 'The name of a section', limits.sectionName))
  }
  const settings = { ...(JSON.parse(before.settings) as Settings), ...input.settings }
  const json = JSON.stringify(settings)
  if (input.settings && Buffer.byteLength(json) > limits.settings) {
    throw new HubError('too_large', 'These settings are too long: put fewer chats into sections.', {
      field: 'settings',
    })
  }

  await tx.db
    .updateTable('user')
    .set({ displayName, displayKey: foldCase(displayName), bio, settings: json })
    .where('id', '=', userId)
    .execute()
  const user: User = toUser({ ...before, displayName, bio })
  if (displayName !== before.displayName || bio !== before.bio) await tellEverybody(tx, live, user)
  if (json !== before.settings && input.settings) {
    await tellMyWindows(tx, live, userId, input.settings)
    const { hideLastSeen = false } = settings
    tx.after(() => live.hideLastSeen(userId, hideLastSeen))
  }
  return { user, settings }
}

/** Looks at the picture, keeps it, and only then says that it is mine. */
export async function setAvatar(hub: Hub, userId: string, bytes: Uint8Array): Promise<{ user: User }> {
  requirePicture(bytes)
  await charge(hub, [byUser('avatar', userId)])
  const avatarDigest = await hub.files.put(await makePicture(hub.pictures, bytes))
  return hub.writer.write(async (tx) => {
    const before = await findPerson(tx, userId)
    // the same again: a retry whose answer was lost
    if (before.avatarDigest === avatarDigest) return { user: toUser(before) }
    const avatar = newId()
    await tx.db.updateTable('user').set({ avatar, avatarDigest }).where('id', '=', userId).execute()
    const user = toUser({ ...before, avatar })
    await tellEverybody(tx, hub.live, user)
    return { user }
  })
}

export async function removeAvatar(tx: Tx, live: Live, userId: string): Promise<User> {
  const before = await findPerson(tx, userId)
  if (before.avatar === null) return toUser(before)
  await tx.db.updateTable('user').set({ avatar: null, avatarDigest: null }).where('id', '=', userId).execute()
  const user = toUser({ ...before, avatar: null })
  await tellEverybody(tx, live, user)
  return user
}

function findPerson(tx: Tx, userId: string) {
  return tx.db
    .selectFrom('user')
    .where('id', '=', userId)
    .select([...userColumns, 'user.avatarDigest', 'user.settings'])
    .executeTakeFirstOrThrow()
}

async function tellEverybody(tx: Tx, live: Live, user: User): Promise<void> {
  await append(tx, live, 'hub', { type: 'user.updated', by: user.id, target: user.id, content: { user } })
}

async function tellMyWindows(tx: Tx, live: Live, userId: string, changes: Settings): Promise<void> {
  await append(tx, live, `user:${userId}`, {
    type: 'settings.updated',
    by: userId,
    data: changes,
    content: { changes },
  })
}

function refuse(field: string, problem: Problem | undefined): void {
  if (problem) throw new HubError(problem.code, problem.message, { field })
}
