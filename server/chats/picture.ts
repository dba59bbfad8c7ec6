import type { Output } from '../../shared/contract.ts'
import { notFound } from '../../shared/errors.ts'
import { userCounter, consumeAttempts } from '../accounts/attempt-limiter.ts'
import { type ManagedGroup, requireManagedGroup } from '../access/groups.ts'
import { audit } from '../audit/audit.ts'
import { resizePicture, requirePicture, typeOfPicture } from '../files/avatar.ts'
import type { FileStore } from '../file-storage/store.ts'
import { chatLock } from '../locks.ts'
import { newId } from '../ids.ts'
import { publishGroupChanges, summaryIfMember } from './groups.ts'
import { type UserOperation, runOperationFor } from '../operation.ts'
import type { RequestContext } from '../define-handlers.ts'
import type { Db } from '../db/schema.ts'

/** Checks the picture, stores it, and sets it only if the viewer still manages the group. */
export async function setPicture(
  request: RequestContext<'chats.picture'>,
  chatId: string,
  bytes: Uint8Array,
) {
  const { hub, viewer } = request
  requirePicture(bytes)
  await consumeAttempts(hub, [userCounter('avatar', viewer.userId)])
  const digest = await hub.files.writeContent(await resizePicture(hub.imageResizer, viewer.userId, bytes))
  try {
    return await runOperationFor(request, { locks: [chatLock(chatId)] }, async (op) => {
      const group = await requireManagedGroup(op.db, op.viewer, chatId)
      return updatePicture(op, group, digest)
    })
  } finally {
    hub.fileRemoval.settle([digest])
  }
}

export function removePicture(op: UserOperation, group: ManagedGroup) {
  return updatePicture(op, group, null)
}

async function updatePicture(
  op: UserOperation,
  group: ManagedGroup,
  pictureDigest: string | null,
): Promise<Output<'chats.picture'>> {
  const before = await op.db
    .selectFrom('chat')
    .where('id', '=', group.id)
    .select('pictureDigest')
    .executeTakeFirstOrThrow()
  // the same picture again: a retry whose response was lost
  if (before.pictureDigest !== pictureDigest) {
    const picture = pictureDigest === null ? null : newId()
    await op.db.updateTable('chat').set({ picture, pictureDigest }).where('id', '=', group.id).execute()
    op.after(() => op.hub.fileRemoval.schedule())
    await publishGroupChanges(op, group, { picture: picture ?? '' })
    audit(op, {
      action: 'group.updated',
      by: op.viewer.userId,
      target: group.id,
      detail: { changed: 'picture' },
    })
  }
  return summaryIfMember(op, group)
}

export async function readPicture(db: Db, files: FileStore, chatId: string, pictureId: string) {
  const row = await db
    .selectFrom('chat')
    .where('id', '=', chatId)
    .where('picture', '=', pictureId)
    .select('pictureDigest')
    .executeTakeFirst()
  if (!row || row.pictureDigest === null) throw notFound('This picture')
  const bytes = await files.read(row.pictureDigest)
  return { type: typeOfPicture(bytes), bytes }
}
