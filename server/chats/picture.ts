import type { Output } from '../../shared/contract.ts'
import { notFound } from '../../shared/errors.ts'
import { byUser, charge } from '../accounts/throttle.ts'
import { type ManagedGroup, requireManagedGroup } from '../access.ts'
import { audit } from '../audit/audit.ts'
import type { Viewer } from '../call.ts'
import type { Tx } from '../db/writer.ts'
import { makePicture, requirePicture, typeOfPicture } from '../files/image.ts'
import type { Hub } from '../hub.ts'
import { newId } from '../ids.ts'
import { tellChanges, viewOf } from './chats.ts'

/** Looks at the picture, keeps it, and only then, if I still run the group, says that it is the group's. */
export async function setPicture(hub: Hub, viewer: Viewer, chatId: string, bytes: Uint8Array) {
  requirePicture(bytes)
  await charge(hub, [byUser('avatar', viewer.userId)])
  const digest = await hub.files.put(await makePicture(hub.pictures, bytes))
  return hub.writer.write(async (tx) => {
    const group = await requireManagedGroup(tx.db, viewer, chatId)
    return changePicture(tx, hub, viewer, group, digest)
  })
}

export function removePicture(tx: Tx, hub: Hub, viewer: Viewer, group: ManagedGroup) {
  return changePicture(tx, hub, viewer, group, null)
}

async function changePicture(
  tx: Tx,
  hub: Hub,
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
    await tellChanges(tx, hub, viewer, group, { picture: picture ?? '' })
    await audit(tx, {
      action: 'group.updated',
      by: viewer.userId,
      target: group.id,
      detail: { changed: 'picture' },
    })
  }
  return viewOf(tx, viewer, group)
}

export async function readPicture(hub: Hub, chatId: string, pictureId: string) {
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
