import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { requests, type RequestName } from '../../shared/contract.ts'
import { startTestHub, type TestHub } from '../support/hub.ts'
import { LiveClient } from '../support/live-client.ts'
import { png } from '../support/pictures.ts'
import { upload } from '../support/tus.ts'
import { password, Person, rawRequest, Refused } from '../support/person.ts'

/*
 * Who may do what: every request of the contract for every kind of person, through both doors. The chat is a private
 * group that the hub's admin and owner are not in: their role opens no private chat.
 */

const people = ['anyone', 'outsider', 'member', 'chat admin', 'chat owner', 'hub admin', 'hub owner'] as const
type Who = (typeof people)[number]

interface Stage {
  hub: TestHub
  person: Record<Exclude<Who, 'anyone'>, Person>
  /** Fresh for each cell. */
  chat: ChatSummary
  messageId: string
  /** A plain member of the chat who is none of those above. */
  extra: Person
  /** Somebody who is in no chat. */
  stranger: Person
  publicGroup: ChatSummary
}

interface Row {
  input: (stage: Stage, me: Person) => Record<string, unknown> | Promise<Record<string, unknown>>
  /** In the order of `people`: `ok` or the code of the refusal. */
  expected: string
  /** Its input leaves something behind that other rows must not find. */
  spoils?: true
}

const no401 = 'unauthenticated'
const all = (word: string) => people.map(() => word).join(' ')
const sessions = `${no401} ok ok ok ok ok ok`
const members = `${no401} not_found ok ok ok not_found not_found`
const admins = `${no401} not_found forbidden ok ok not_found not_found`
const owners = `${no401} not_found forbidden forbidden ok not_found not_found`
const hubAdmins = `${no401} forbidden forbidden forbidden forbidden ok ok`
const hubOwner = `${no401} forbidden forbidden forbidden forbidden forbidden ok`

const hubNobody = `${no401} forbidden forbidden forbidden forbidden forbidden forbidden`

const account = () => ({ username: `p${randomUUID().slice(0, 8)}`, password })
const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
  'base64',
)
/** The address of the picture of a group, which has one from now on. */
const pictured = (which: (stage: Stage) => ChatSummary) => async (stage: Stage) => {
  const { id: chatId } = which(stage)
  const owner = chatId === stage.chat.id ? stage.person['chat owner'] : stage.stranger
  await rawRequest(stage.hub.url, owner.token, 'chats.picture', { chatId, bytes: onePixel })
  const { chat } = await owner.request('chats.get', { chatId })
  return { chatId, pictureId: chat.picture }
}
const inPublicGroup = ({ publicGroup }: Stage) => ({ chatId: publicGroup.id })
/** What a public group nobody of these is in allows the hub's own people. */
const hubAdminsOnPublic = `${no401} not_found not_found not_found not_found ok ok`
/** A file in a message of the chat. */
const withFile = async ({ hub, person, chat }: Stage) => {
  const owner = person['chat owner']
  const fileId = await upload(hub.url, owner.token, { name: 'a.png', bytes: png(20, 10) })
  const message = { chatId: chat.id, cid: randomUUID(), text: '', attachments: [fileId] }
  await owner.request('messages.send', message)
  return { fileId }
}
/** Somebody who waits to be let in. */
const waiting = async ({ hub, person }: Stage) => {
  const owner = person['hub owner']
  await owner.request('admin.settings.update', { registration: 'approval' })
  const { id } = await Person.register(hub.url, account())
  await owner.request('admin.settings.update', { registration: 'invite' })
  return { userId: id }
}
const newcomer = (hub: TestHub) => hub.person(account().username)
const onMessage = ({ messageId }: Stage) => ({ messageId })
const withEmoji = ({ messageId }: Stage) => ({ messageId, emoji: '👍' })
const inChat = ({ chat }: Stage) => ({ chatId: chat.id })

const table: Record<RequestName, Row> = {
  'hub.meta': { input: () => ({}), expected: all('ok') },
  'hub.setup': {
    input: () => ({ code: 'not the code', hubName: 'Mine', ...account() }),
    expected: all('conflict'),
  },
  'accounts.register': {
    input: async ({ person }) => {
      const { invite } = await person['hub owner'].request('admin.invites.create', {})
      return { invite, ...account() }
    },
    expected: all('ok'),
  },
  'accounts.login': { input: () => ({ username: 'member', password }), expected: all('ok') },
  'accounts.logout': { input: () => ({}), expected: sessions },
  'recovery.question': { input: () => ({ username: 'member' }), expected: all('ok') },
  'recovery.answer': {
    input: () => ({ username: 'member', answer: 'not it' }),
    expected: all('unauthenticated'),
  },
  'recovery.key': {
    input: () => ({ username: 'member', recoveryKey: 'not it' }),
    expected: all('unauthenticated'),
  },
  'recovery.reset': {
    input: () => ({ resetToken: 'not it', password: 'another good password' }),
    expected: all('unauthenticated'),
  },
  'me.get': { input: () => ({}), expected: sessions },
  'me.password': { input: () => ({ current: password, password }), expected: sessions },
  'me.recovery': {
    input: () => ({ current: password, securityQuestion: 'first-pet', securityAnswer: 'Rex' }),
    expected: sessions,
  },
  'me.recoveryKey': { input: () => ({ current: password }), expected: sessions },
  'me.recoverySeen': { input: () => ({}), expected: sessions },
  'sessions.list': { input: () => ({}), expected: sessions },
  'sessions.end': {
    input: async ({ hub }, me) => {
      const other = await Person.login(hub.url, me.user.username)
      const { sessions: mine } = await other.request('sessions.list', {})
      return { sessionId: mine.find(({ current }) => current)?.id }
    },
    expected: sessions,
  },
  'sessions.endOthers': { input: () => ({}), expected: sessions },
  'me.update': { input: () => ({ bio: 'hello' }), expected: sessions },
  'me.avatar': { input: () => ({ bytes: png(2, 2) }), expected: sessions },
  'me.avatar.remove': { input: () => ({}), expected: sessions },
  'users.avatar': {
    input: async ({ stranger }) => {
      const { user } = await stranger.request('me.avatar', { bytes: png(3, 3) })
      return { userId: stranger.id, avatarId: user.avatar }
    },
    expected: sessions,
  },
  'users.list': { input: () => ({}), expected: sessions },
  'users.get': { input: ({ stranger }) => ({ userId: stranger.id }), expected: sessions },
  'chats.list': { input: () => ({}), expected: sessions },
  'chats.direct': { input: ({ stranger }) => ({ userId: stranger.id }), expected: sessions },
  'chats.create': { input: () => ({ name: 'New', visibility: 'private' }), expected: sessions },
  'chats.get': { input: inChat, expected: members },
  'chats.discover': { input: () => ({}), expected: sessions },
  'chats.join': { input: inChat, expected: members },
  'chats.leave': { input: inChat, expected: members },
  'chats.update': { input: ({ chat }) => ({ chatId: chat.id, name: 'Renamed' }), expected: admins },
  'chats.picture': { input: ({ chat }) => ({ chatId: chat.id, bytes: onePixel }), expected: admins },
  'chats.picture.remove': { input: inChat, expected: admins },
  'chats.picture.get': { input: pictured(({ chat }) => chat), expected: members },
  'chats.archive': { input: inChat, expected: admins },
  'chats.restore': { input: inChat, expected: admins },
  'chats.delete': { input: inChat, expected: owners },
  'chats.deleted': { input: () => ({}), expected: sessions },
  'chats.undelete': {
    input: async ({ chat, person }) => {
      await person['chat owner'].request('chats.delete', { chatId: chat.id })
      return { chatId: chat.id }
    },
    spoils: true,
    // to all but its owner it is as gone as before
    expected: `${no401} not_found not_found not_found ok not_found not_found`,
  },
  'chats.read': { input: ({ chat }) => ({ chatId: chat.id, no: 1 }), expected: members },
  'chats.readAll': { input: () => ({}), expected: sessions },
  'members.add': {
    input: ({ chat, stranger }) => ({ chatId: chat.id, userId: stranger.id }),
    expected: admins,
  },
  'members.update': {
    input: ({ chat, extra }) => ({ chatId: chat.id, userId: extra.id, role: 'admin' }),
    expected: admins,
  },
  'members.remove': { input: ({ chat, extra }) => ({ chatId: chat.id, userId: extra.id }), expected: admins },
  'messages.list': { input: inChat, expected: members },
  'messages.send': {
    input: ({ chat }) => ({ chatId: chat.id, cid: randomUUID(), text: 'hello' }),
    expected: members,
  },
  'messages.edit': {
    input: ({ messageId }) => ({ messageId, text: 'second' }),
    expected: `${no401} not_found forbidden forbidden ok not_found not_found`,
  },
  'messages.delete': { input: ({ messageId }) => ({ messageId, for: 'everyone' }), expected: admins },
  'messages.undelete': {
    input: onMessage,
    expected: `${no401}${' not_found'.repeat(6)}`,
  },
  'messages.status': { input: onMessage, expected: members },
  'reactions.add': { input: withEmoji, expected: members },
  'reactions.remove': { input: withEmoji, expected: members },
  'threads.list': { input: () => ({}), expected: sessions },
  'threads.get': { input: onMessage, expected: members },
  'threads.read': { input: ({ messageId }) => ({ messageId, no: 1 }), expected: members },
  'threads.follow': { input: onMessage, expected: members },
  'threads.unfollow': { input: onMessage, expected: members },
  'tokens.list': { input: () => ({}), expected: sessions },
  'tokens.create': { input: () => ({ name: 'Script', scope: 'read' }), expected: sessions },
  'tokens.revoke': {
    input: () => ({ tokenId: 'nobody-has-it' }),
    expected: `${no401}${' not_found'.repeat(6)}`,
  },
  'files.list': { input: inChat, expected: members },
  'files.get': { input: withFile, expected: members },
  'files.preview': { input: withFile, expected: members },
  'hooks.list': { input: inChat, expected: admins },
  'hooks.create': { input: ({ chat }) => ({ chatId: chat.id, name: 'Deploys' }), expected: admins },
  'hooks.revoke': {
    input: async ({ chat, person }) => {
      const { hook } = await person['chat owner'].request('hooks.create', { chatId: chat.id, name: 'Old' })
      return { chatId: chat.id, hookId: hook.id }
    },
    expected: admins,
  },
  'hooks.post': {
    input: async ({ chat, person }) => {
      const { url } = await person['chat owner'].request('hooks.create', { chatId: chat.id, name: 'News' })
      const [hookId, secret] = url.split('/').slice(-2)
      return { hookId, secret, text: 'hello' }
    },
    expected: all('ok'),
  },
  'chats.mine': { input: (stage) => ({ ...inChat(stage), muted: true }), expected: members },
  'pins.list': { input: inChat, expected: members },
  'pins.add': { input: ({ messageId }) => ({ messageId }), expected: admins },
  'pins.remove': { input: ({ messageId }) => ({ messageId }), expected: admins },
  'saved.list': { input: () => ({}), expected: sessions },
  'saved.ids': { input: () => ({}), expected: sessions },
  'saved.add': { input: ({ messageId }) => ({ messageId }), expected: members },
  'saved.remove': { input: ({ messageId }) => ({ messageId }), expected: sessions },
  'search.messages': {
    input: ({ chat }: Stage) => ({ q: 'first', chatId: chat.id }),
    expected: members,
  },
  'streams.read': { input: ({ chat }) => ({ stream: `chat:${chat.id}` }), expected: members },
  'admin.requests.list': { input: () => ({}), expected: hubAdmins },
  'admin.requests.accept': { input: waiting, expected: hubAdmins },
  'admin.requests.decline': { input: waiting, expected: hubAdmins },
  'admin.users.list': { input: () => ({}), expected: hubAdmins },
  'admin.users.update': {
    input: async ({ hub }) => ({ userId: (await newcomer(hub)).id, deactivated: true }),
    expected: hubAdmins,
  },
  'admin.users.sessions.end': {
    input: async ({ hub }) => ({ userId: (await newcomer(hub)).id }),
    expected: hubAdmins,
  },
  // with a password that is not theirs: handing the hub over would be felt in every later cell
  'admin.ownership.transfer': {
    input: ({ stranger }) => ({ userId: stranger.id, password: 5 }),
    expected: `${no401} forbidden forbidden forbidden forbidden forbidden invalid`,
  },
  'admin.invites.create': { input: () => ({}), expected: hubAdmins },
  'admin.invites.list': { input: () => ({}), expected: hubAdmins },
  'admin.invites.revoke': {
    input: async ({ person }) => {
      const owner = person['hub owner']
      await owner.request('admin.invites.create', {})
      const { invites } = await owner.request('admin.invites.list', { limit: 1 })
      return { inviteId: invites[0]?.id }
    },
    expected: hubAdmins,
  },
  'admin.groups.list': { input: () => ({}), expected: hubAdmins },
  'admin.groups.delete': { input: ({ chat }) => ({ chatId: chat.id }), expected: hubAdmins, spoils: true },
  'admin.groups.undelete': {
    spoils: true,
    input: async ({ chat, person }) => {
      await person['hub owner'].request('admin.groups.delete', { chatId: chat.id })
      return { chatId: chat.id }
    },
    expected: hubAdmins,
  },
  'sessions.confirm': { input: () => ({ current: password }), expected: sessions },
  'admin.storage': { input: () => ({}), expected: hubAdmins },
  'admin.health': { input: () => ({}), expected: hubAdmins },
  'admin.audit': { input: () => ({}), expected: hubAdmins },
  'admin.users.resetLink': { input: ({ stranger }) => ({ userId: stranger.id }), expected: hubAdmins },
  'admin.retention': { input: () => ({ days: 30 }), expected: hubAdmins },
  'admin.settings': { input: () => ({}), expected: hubAdmins },
  'admin.bots.list': { input: () => ({}), expected: hubAdmins },
  'admin.bots.create': { input: () => ({ username: account().username }), expected: hubAdmins },
  'admin.bots.revoke': {
    input: async ({ person }) => {
      const { user } = await person['hub owner'].request('admin.bots.create', {
        username: account().username,
      })
      return { userId: user.id }
    },
    expected: hubAdmins,
  },
  'admin.settings.update': { input: () => ({ registration: 'invite' }), expected: hubOwner },
}

/** Roles on the hub: who may do what to whom. */
const toPerson = (
  who: Exclude<Who, 'anyone'>,
  input: Record<string, unknown>,
  expected: string,
): { name: RequestName; about: string; row: Row } => ({
  name: 'admin.users.update',
  about: `${JSON.stringify(input)} to the ${who}`,
  row: { input: ({ person }) => ({ userId: person[who].id, ...input }), expected },
})

/** The same requests on other things than the private group. */
const more: { name: RequestName; about: string; row: Row }[] = [
  {
    name: 'admin.users.resetLink',
    about: 'for an admin',
    row: { input: ({ person }) => ({ userId: person['hub admin'].id }), expected: hubOwner },
  },
  {
    name: 'admin.users.resetLink',
    about: 'for the owner',
    row: { input: ({ person }) => ({ userId: person['hub owner'].id }), expected: hubNobody },
  },
  {
    name: 'admin.settings.update',
    about: 'who may come back by a question',
    row: { input: () => ({ recoveryByQuestion: true }), expected: hubOwner },
  },
  {
    name: 'sessions.end',
    about: 'a session of somebody else',
    row: {
      input: async ({ stranger }) => {
        const { sessions: theirs } = await stranger.request('sessions.list', {})
        return { sessionId: theirs[0]?.id }
      },
      expected: `${no401} not_found not_found not_found not_found not_found not_found`,
    },
  },
  ...(['chats.archive', 'chats.restore', 'chats.delete'] as const).map((name) => ({
    name,
    about: 'a public group one is not in',
    row: { input: inPublicGroup, expected: hubAdminsOnPublic },
  })),
  {
    name: 'chats.undelete',
    about: 'a public group one is not in',
    row: {
      spoils: true,
      input: async ({ publicGroup, stranger }) => {
        await stranger.request('chats.delete', { chatId: publicGroup.id })
        return { chatId: publicGroup.id }
      },
      expected: hubAdminsOnPublic,
    },
  },
  {
    name: 'chats.picture',
    about: 'a public group one is not in',
    row: {
      input: ({ publicGroup }) => ({ chatId: publicGroup.id, bytes: onePixel }),
      expected: hubAdminsOnPublic,
    },
  },
  {
    name: 'chats.picture.remove',
    about: 'a public group one is not in',
    row: { input: inPublicGroup, expected: hubAdminsOnPublic },
  },
  {
    name: 'chats.picture.get',
    about: 'a public group one is not in',
    row: { input: pictured(({ publicGroup }) => publicGroup), expected: sessions },
  },
  {
    name: 'chats.update',
    about: 'a public group one is not in',
    row: {
      input: ({ publicGroup }) => ({ chatId: publicGroup.id, name: 'Renamed' }),
      expected: hubAdminsOnPublic,
    },
  },
  {
    name: 'members.add',
    about: 'a public group one is not in',
    row: {
      input: ({ publicGroup, extra }) => ({ chatId: publicGroup.id, userId: extra.id }),
      expected: hubAdminsOnPublic,
    },
  },
  {
    name: 'members.update',
    about: 'handing a public group one is not in to somebody else',
    row: {
      spoils: true,
      input: async ({ publicGroup, extra, stranger }) => {
        await stranger.request('members.add', { chatId: publicGroup.id, userId: extra.id })
        return { chatId: publicGroup.id, userId: extra.id, role: 'owner' }
      },
      expected: hubAdminsOnPublic,
    },
  },
  {
    name: 'members.remove',
    about: 'a public group one is not in',
    row: {
      spoils: true,
      input: async ({ publicGroup, extra, stranger }) => {
        await stranger.request('members.add', { chatId: publicGroup.id, userId: extra.id })
        return { chatId: publicGroup.id, userId: extra.id }
      },
      expected: hubAdminsOnPublic,
    },
  },
  {
    name: 'chats.get',
    about: 'a public group one is not in',
    row: {
      input: inPublicGroup,
      expected: `${no401} not_found not_found not_found not_found not_found not_found`,
    },
  },
  {
    name: 'members.remove',
    about: 'an admin',
    row: {
      spoils: true,
      input: async ({ chat, person, extra }) => {
        await person['chat owner'].request('members.update', {
          chatId: chat.id,
          userId: extra.id,
          role: 'admin',
        })
        return { chatId: chat.id, userId: extra.id }
      },
      expected: admins,
    },
  },
  {
    name: 'members.update',
    about: 'taking the role of an admin away',
    row: {
      spoils: true,
      input: async ({ chat, person, extra }) => {
        await person['chat owner'].request('members.update', {
          chatId: chat.id,
          userId: extra.id,
          role: 'admin',
        })
        return { chatId: chat.id, userId: extra.id, role: 'member' }
      },
      expected: admins,
    },
  },
  {
    name: 'members.update',
    about: 'taking the role of the owner away',
    row: {
      input: ({ chat, person }) => ({ chatId: chat.id, userId: person['chat owner'].id, role: 'member' }),
      expected: `${no401} not_found forbidden forbidden forbidden not_found not_found`,
    },
  },
  {
    name: 'messages.send',
    about: 'an announcement group',
    row: {
      spoils: true,
      input: async ({ chat, person }) => {
        await person['chat owner'].request('chats.update', { chatId: chat.id, posting: 'admins' })
        return { chatId: chat.id, cid: randomUUID(), text: 'hello' }
      },
      expected: admins,
    },
  },
  {
    name: 'messages.send',
    about: 'an archived group',
    row: {
      spoils: true,
      input: async ({ chat, person }) => {
        await person['chat owner'].request('chats.archive', { chatId: chat.id })
        return { chatId: chat.id, cid: randomUUID(), text: 'hello' }
      },
      expected: `${no401} not_found forbidden forbidden forbidden not_found not_found`,
    },
  },
  {
    name: 'messages.send',
    about: 'passing on the files of a message',
    row: {
      input: async (stage, me) => {
        const { fileId } = await withFile(stage)
        const { messages } = await stage.person['chat owner'].request('messages.list', {
          chatId: stage.chat.id,
        })
        const source = messages.find((one) => !one.deleted && one.attachments.some(({ id }) => id === fileId))
        const chat = await me.directWith(me === stage.stranger ? stage.extra : stage.stranger)
        return { chatId: chat.id, cid: randomUUID(), text: '', forward: source?.id }
      },
      expected: members,
    },
  },
  {
    name: 'messages.delete',
    about: 'for me',
    row: { input: ({ messageId }) => ({ messageId, for: 'me' }), expected: members },
  },
  {
    name: 'messages.delete',
    about: 'what somebody said in a public group',
    row: {
      spoils: true,
      input: async ({ publicGroup, stranger }) => {
        const { id } = await stranger.say(publicGroup.id, 'not nice')
        return { messageId: id, for: 'everyone' }
      },
      expected: hubAdminsOnPublic,
    },
  },
  {
    name: 'messages.delete',
    about: 'for me, in a public group one is not in',
    row: {
      spoils: true,
      input: async ({ publicGroup, stranger }) => {
        const { id } = await stranger.say(publicGroup.id, 'not nice')
        return { messageId: id, for: 'me' }
      },
      expected: `${no401}${' not_found'.repeat(6)}`,
    },
  },
  {
    name: 'messages.undelete',
    about: 'what oneself deleted',
    row: {
      spoils: true,
      input: async ({ messageId }, me) => {
        await me.request('messages.delete', { messageId, for: 'me' }).catch(() => undefined)
        return { messageId }
      },
      expected: members,
    },
  },
  ...(['messages.edit', 'reactions.add', 'reactions.remove'] as const).map((name) => ({
    name,
    about: 'an archived group',
    row: {
      spoils: true as const,
      input: async ({ chat, person, messageId }: Stage) => {
        await person['chat owner'].request('chats.archive', { chatId: chat.id })
        return name === 'messages.edit' ? { messageId, text: 'second' } : { messageId, emoji: '👍' }
      },
      expected: `${no401} not_found forbidden forbidden forbidden not_found not_found`,
    },
  })),
  {
    name: 'reactions.add',
    about: 'an announcement group',
    row: {
      spoils: true,
      input: async ({ chat, person, messageId }) => {
        await person['chat owner'].request('chats.update', { chatId: chat.id, posting: 'admins' })
        return { messageId, emoji: '👍' }
      },
      expected: members,
    },
  },
  {
    name: 'messages.list',
    about: 'an archived group',
    row: {
      spoils: true,
      input: async ({ chat, person }) => {
        await person['chat owner'].request('chats.archive', { chatId: chat.id })
        return { chatId: chat.id }
      },
      expected: members,
    },
  },
  {
    name: 'chats.join',
    about: 'an archived public group',
    row: {
      spoils: true,
      input: async ({ publicGroup, stranger }) => {
        await stranger.request('chats.archive', { chatId: publicGroup.id })
        return { chatId: publicGroup.id }
      },
      expected: `${no401} not_found not_found not_found not_found not_found not_found`,
    },
  },
  {
    name: 'chats.join',
    about: 'a public group',
    row: { input: ({ publicGroup }) => ({ chatId: publicGroup.id }), expected: sessions },
  },
  {
    name: 'messages.list',
    about: 'a public group one is not in',
    row: {
      input: ({ publicGroup }) => ({ chatId: publicGroup.id }),
      expected: `${no401} not_found not_found not_found not_found not_found not_found`,
    },
  },
  {
    name: 'streams.read',
    about: 'the stream of somebody else',
    row: {
      input: ({ stranger }) => ({ stream: `user:${stranger.id}` }),
      expected: `${no401} not_found not_found not_found not_found not_found not_found`,
    },
  },
  toPerson('hub owner', { deactivated: true }, hubNobody),
  toPerson('hub owner', { role: 'member' }, hubNobody),
  toPerson('hub admin', { deactivated: false }, hubOwner),
  toPerson('hub admin', { role: 'admin' }, hubOwner),
  toPerson('member', { role: 'member' }, hubOwner),
  toPerson('member', { deactivated: false }, hubAdmins),
  {
    name: 'admin.users.sessions.end',
    about: 'an admin',
    row: {
      input: ({ person }) => ({ userId: person['hub owner'].id }),
      expected: hubNobody,
    },
  },
  { name: 'streams.read', about: 'the hub', row: { input: () => ({ stream: 'hub' }), expected: sessions } },
  {
    name: 'members.update',
    about: 'handing over ownership',
    row: {
      input: ({ chat, extra }) => ({ chatId: chat.id, userId: extra.id, role: 'owner' }),
      expected: owners,
    },
  },
  {
    name: 'members.remove',
    about: 'the owner',
    row: {
      input: ({ chat, person }) => ({ chatId: chat.id, userId: person['chat owner'].id }),
      expected: `${no401} not_found forbidden forbidden forbidden not_found not_found`,
    },
  },
  {
    name: 'messages.send',
    about: 'bad input: access is judged first',
    row: {
      input: ({ chat }) => ({ chatId: chat.id, cid: 'no uuid', text: '' }),
      expected: `${no401} not_found invalid invalid invalid not_found not_found`,
    },
  },
  {
    name: 'chats.update',
    about: 'bad input: access is judged first',
    row: {
      input: ({ chat }) => ({ chatId: chat.id, colour: 'red' }),
      expected: `${no401} not_found forbidden invalid invalid not_found not_found`,
    },
  },
]

test('every request of the contract stands in the table', () => {
  expect(Object.keys(table).sort()).toEqual(Object.keys(requests).sort())
  for (const row of Object.values(table)) expect(row.expected.split(' ')).toHaveLength(people.length)
})

async function makeStage(): Promise<Omit<Stage, 'chat' | 'messageId' | 'publicGroup'>> {
  const hub = await startTestHub({ loadTest: true })
  const owner = await hub.setUp('hub.owner')
  const { invite } = await owner.request('admin.invites.create', { role: 'admin' })
  const person = {
    outsider: await hub.person('outsider'),
    member: await hub.person('member'),
    'chat admin': await hub.person('chat.admin'),
    'chat owner': await hub.person('chat.owner'),
    'hub admin': await Person.register(hub.url, { username: 'hub.admin', invite }),
    'hub owner': owner,
  }
  const stranger = await hub.person('stranger')
  return {
    hub,
    person,
    stranger,
    extra: await hub.person('extra'),
  }
}

async function freshChat(stage: Omit<Stage, 'chat' | 'messageId' | 'publicGroup'>): Promise<Stage> {
  const { person, extra, stranger } = stage
  const chat = await person['chat owner'].group('Private', [person.member, person['chat admin'], extra])
  await person['chat owner'].request('members.update', {
    chatId: chat.id,
    userId: person['chat admin'].id,
    role: 'admin',
  })
  const message = await person['chat owner'].say(chat.id, 'first')
  const publicGroup = await stranger.group('Public', [], 'public')
  return { ...stage, chat, publicGroup, messageId: message.id }
}

/** Logging out ends the session, so it gets one of its own. */
async function session(
  stage: Omit<Stage, 'chat' | 'messageId' | 'publicGroup'>,
  who: Exclude<Who, 'anyone'>,
  name: string,
): Promise<Person> {
  const person = stage.person[who]
  return name === 'accounts.logout' ? Person.login(stage.hub.url, person.user.username) : person
}

/** These end the person's other sessions, so they are called from the one that the rest needs. */
const endsOthers = new Set(['me.password', 'sessions.endOthers'])

/** Whether the chat of a cell is another one afterwards; a refusal changes nothing. */
const changes = (name: string): boolean => requests[name as RequestName].method !== 'GET'

const rows = [
  ...Object.entries(table).map(([name, row]) => ({ name, about: '', row })),
  ...more.map((one) => ({ ...one, name: one.name })),
]

test(
  'each request answers each kind of person as the table says, over HTTP',
  { timeout: 120_000 },
  async () => {
    const stage = await makeStage()
    const wrong: string[] = []
    let cell: Stage | undefined
    for (const { name, about, row } of rows) {
      for (const [i, who] of people.entries()) {
        cell ??= await freshChat(stage)
        const me =
          who === 'anyone'
            ? undefined
            : endsOthers.has(name)
              ? stage.person[who]
              : await Person.login(stage.hub.url, stage.person[who].user.username)
        const input = await row.input(cell, me ?? stage.stranger)
        const { status, body } = await rawRequest(stage.hub.url, me?.token, name, input)
        const actual = status < 400 ? 'ok' : (body as { error: { code: string } }).error.code
        if (actual !== row.expected.split(' ')[i]) wrong.push(`${name} ${about} by ${who}: ${actual}`)
        // a person has so many sessions at most, and this table has more cells than that
        if (me && !endsOthers.has(name)) await rawRequest(stage.hub.url, me.token, 'accounts.logout', {})
        if (row.spoils || (actual === 'ok' && changes(name))) cell = undefined
      }
    }
    expect(wrong).toEqual([])
  },
)

test(
  'each request answers each kind of person as the table says, over the socket',
  { timeout: 120_000 },
  async () => {
    const stage = await makeStage()
    const wrong: string[] = []
    let cell: Stage | undefined
    for (const { name, about, row } of rows) {
      for (const [i, who] of people.entries()) {
        if (who === 'anyone') continue
        cell ??= await freshChat(stage)
        const me = await session(stage, who, name)
        const input = await row.input(cell, me)
        const live = await me.connect()
        const actual = await live.requestAny(name, input).then(
          () => 'ok',
          (error: unknown) => (error instanceof Refused ? error.code : String(error)),
        )
        live.terminate()
        // what opens a session sets a cookie or shows a token: that works over HTTP only
        const door = (requests[name as RequestName] as { door?: string }).door
        const expected = door === 'http' ? 'forbidden' : row.expected.split(' ')[i]
        if (actual !== expected) wrong.push(`${name} ${about} by ${who}: ${actual}`)
        if (row.spoils || (actual === 'ok' && changes(name))) cell = undefined
      }
    }
    expect(wrong).toEqual([])
  },
)

test('without a session the socket is refused before it opens', async () => {
  const { hub } = await makeStage()
  await expect(LiveClient.open(hub.url, {})).rejects.toThrow('401')
  await expect(LiveClient.open(hub.url, { authorization: `Bearer ${'x'.repeat(43)}` })).rejects.toThrow('401')
})
