import { notFound } from '../../shared/errors.ts'
import { viewerLocks } from '../request-locks.ts'
import { custom, noAccessCheck, read, write, defineHandlers } from '../define-handlers.ts'
import { typeOfPicture } from '../files/avatar.ts'
import { removeAvatar, setAvatar, updateProfile } from './profile.ts'

const bytesPerToken = 4 * 1024

export const profileHandlers = defineHandlers({
  'me.update': write({
    access: noAccessCheck,
    locks: viewerLocks,
    run: (op, input) => {
      // the log stores each change, so a large one costs as much as many small ones
      const size = JSON.stringify(input.settings ?? {}).length
      op.hub.rateLimiter?.consume(op.viewer.userId, 'me.update', Math.floor(size / bytesPerToken))
      return updateProfile(op, op.viewer.userId, input)
    },
  }),
  'me.avatar': custom({
    access: noAccessCheck,
    run: ({ hub, viewer }, { bytes }) => setAvatar(hub, viewer.userId, bytes),
  }),
  'me.avatar.remove': write({
    access: noAccessCheck,
    locks: viewerLocks,
    run: async (op) => ({
      user: await removeAvatar(op, op.viewer.userId),
    }),
  }),
  'users.avatar': read({
    access: noAccessCheck,
    run: async ({ db, hub }, { userId, avatarId }) => {
      const row = await db
        .selectFrom('user')
        .where('id', '=', userId)
        .where('avatar', '=', avatarId)
        .where('pendingSince', 'is', null)
        .select('avatarDigest')
        .executeTakeFirst()
      if (!row || row.avatarDigest === null) throw notFound('This picture')
      const bytes = await hub.files.read(row.avatarDigest)
      return { type: typeOfPicture(bytes), bytes }
    },
  }),
})
