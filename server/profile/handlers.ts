import { notFound } from '../../shared/errors.ts'
import { custom, noAccessCheck, read, write } from '../dispatch.ts'
import { typeOfPicture } from '../files/avatar.ts'
import { removeAvatar, setAvatar, updateProfile } from './profile.ts'

const bytesPerToken = 4 * 1024

export const profileHandlers = {
  'me.update': write('me.update', noAccessCheck, (tx, hub, { viewer }, input) => {
    // the log keeps each of them: much at once is as much as many
    const size = JSON.stringify(input.settings ?? {}).length
    hub.rateLimiter?.consume(viewer.userId, 'me.update', Math.floor(size / bytesPerToken))
    return updateProfile(tx, hub.live, viewer.userId, input)
  }),
  'me.avatar': custom('me.avatar', noAccessCheck, (hub, { viewer }, { bytes }) =>
    setAvatar(hub, viewer.userId, bytes),
  ),
  'me.avatar.remove': write('me.avatar.remove', noAccessCheck, async (tx, hub, { viewer }) => ({
    user: await removeAvatar(tx, hub.live, viewer.userId),
  })),
  'users.avatar': read('users.avatar', noAccessCheck, async (hub, _caller, { userId, avatarId }) => {
    const row = await hub.reader
      .selectFrom('user')
      .where('id', '=', userId)
      .where('avatar', '=', avatarId)
      .where('pendingSince', 'is', null)
      .select('avatarDigest')
      .executeTakeFirst()
    if (!row || row.avatarDigest === null) throw notFound('This picture')
    const bytes = await hub.files.read(row.avatarDigest)
    return { type: typeOfPicture(bytes), bytes }
  }),
}
