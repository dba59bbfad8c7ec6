import type { Output } from '../../shared/contract.ts'
import { notFound } from '../../shared/errors.ts'
import { userCounter, consumeAttempts } from '../accounts/attempt-limiter.ts'
import { type ManagedGroup, requireManagedGroup } from '../access.ts'
import { audit } from '../audit/audit.ts'
import type { Viewer } from '../dispatch.ts'
import type { Tx } from '../db/writer.ts'
import { resizePicture, requirePicture, typeOfPicture } from '../files/avatar.ts'
import type { HubContext } from '../context.ts'
import { newId } from '../ids.ts'
import { publishGroupChanges, summaryIfMember } from './chats.ts'

/** Looks at the picture, keeps it, and only then, if I still run the group, says that it is the group's. */
export async function setPicture(hub: HubContext, viewer: Viewer, chatId: string, bytes: Uint8Array) {
  requirePicture(bytes)
  await consumeAttempts(hub, [userCounter('avatar', viewer.userId)])
  const digest = await hub.files.writeContent(await resizePicture(hub.imageResizer, bytes))
  return hub.writer.write(async (tx) => {
    const group = await requireManagedGroup(tx.db, viewer, chatId)
    return updatePicture(tx, hub, viewer, group, digest)
  })
}

export function removePicture(tx: Tx, hub: HubContext, viewer: Viewer, group: ManagedGroup) {
  return updatePicture(tx, hub, viewer, group, null)
}

async function updatePicture(
  tx: Tx,
  hub: HubContext,
  viewer: Viewer,
  group: ManagedGroup,
  pictureDigest: string | null,
): Promise<Output<'chats.picture'>> {
  const before = await tx.db
    .selectFrom('chat')
    .where('id', '=', group.id)
    .select('pictureDigest')
    .executeTakeFirstOrThrow()
  // the same again: a retry whose answer was lost
  if (before.pictureDigest !== pictureDigest) {
    const picture = pictureDigest === null ? null : newId()
    await tx.db.updateTable('chat').set({ picture, pictureDigest }).where('id', '=', group.id).execute()
    await publishGroupChanges(tx, hub, viewer, group, { picture: picture ?? '' })
    await audit(tx, {
      action: 'group.updated',
      by: viewer.userId,
      target: group.id,
      detail: { changed: 'picture' },
    })
  }
  return summaryIfMember(tx, viewer, group)
}

export async function readPicture(hub: HubContext, chatId: string, pictureId: string) {
  const row = await hub.reader
    .selectFrom('chat')
    .where('id', '=', chatId)
    .where('picture', '=', pictureId)
    .select('pictureDigest')
    .executeTakeFirst()
  if (!row || row.pictureDigest === null) throw notFound('This picture')
  const bytes = await hub.files.read(row.pictureDigest)
  return { type: typeOfPicture(bytes), bytes }
}
