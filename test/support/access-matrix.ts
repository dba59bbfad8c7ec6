import { randomUUID } from 'node:crypto'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { requests, type RequestName } from '../../shared/contract.ts'
import type { RunningHub } from '../../server/start.ts'
import { backupsOf } from '../../server/backup/backups.ts'
import { offerAppPackage } from './app-packages.ts'
import { png } from './images.ts'
import { password, TestUser, rawRequest, RequestError } from './test-user.ts'
import { uploadFile } from './tus.ts'

/*
 * The access rules: every request of the contract for every kind of actor, through both transports. The chat is a
 * private group of which the hub’s admin and owner are not members: their role grants no access to a private chat.
 */

export const actors = [
  'anyone',
  'outsider',
  'member',
  'chat admin',
  'chat owner',
  'hub admin',
  'hub owner',
] as const
export type Actor = (typeof actors)[number]

/** A new hub, whose owner is hub.owner. */
export interface MatrixHub extends Pick<RunningHub, 'url' | 'hub'> {
  dataDir: string
  setUp: (name: string) => Promise<TestUser>
  registerUser: (username: string) => Promise<TestUser>
  /** Resolves when it has read every picture that it has received. */
  whenPreviewed: () => Promise<void>
}

export interface MatrixFixture {
  hub: MatrixHub
  users: Record<Exclude<Actor, 'anyone'>, TestUser>
  /** New for each cell. */
  chat: ChatSummary
  messageId: string
  /** A plain member of the chat who is none of the above. */
  extra: TestUser
  /** A user who is a member of no chat. */
  stranger: TestUser
  publicGroup: ChatSummary
}

type Ground = Omit<MatrixFixture, 'chat' | 'messageId' | 'publicGroup'>

export interface MatrixRow {
  input: (fixture: MatrixFixture, me: TestUser) => Record<string, unknown> | Promise<Record<string, unknown>>
  /** In the order of `actors`: `ok` or the error code. */
  expected: string
  /** Its input leaves data behind that other rows must not find. */
  leavesState?: true
}

const unauthenticated = 'unauthenticated'
const forAllActors = (result: string) => actors.map(() => result).join(' ')
const anySession = `${unauthenticated} ok ok ok ok ok ok`
const chatMembers = `${unauthenticated} not_found ok ok ok not_found not_found`
const chatAdmins = `${unauthenticated} not_found forbidden ok ok not_found not_found`
const chatOwners = `${unauthenticated} not_found forbidden forbidden ok not_found not_found`
const hubAdmins = `${unauthenticated} forbidden forbidden forbidden forbidden ok ok`
const hubOwner = `${unauthenticated} forbidden forbidden forbidden forbidden forbidden ok`

const noActor = `${unauthenticated} forbidden forbidden forbidden forbidden forbidden forbidden`

const ownerGets = (result: string) =>
  `${unauthenticated} forbidden forbidden forbidden forbidden forbidden ${result}`
/** A computer that nobody knows. */
const noComputer = () => ({ node: 'x'.repeat(43) })
const noFolder = () => ({ ...noComputer(), folder: 'diverged-1' })

const newAccount = () => ({ username: `p${randomUUID().slice(0, 8)}`, password })
const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
  'base64',
)
/** Gives the group a picture and returns the input that addresses it. */
const withGroupPicture =
  (which: (fixture: MatrixFixture) => ChatSummary) => async (fixture: MatrixFixture) => {
    const { id: chatId } = which(fixture)
    const owner = chatId === fixture.chat.id ? fixture.users['chat owner'] : fixture.stranger
    await rawRequest(fixture.hub.url, owner.token, 'chats.picture', { chatId, bytes: onePixel })
    const { chat } = await owner.request('chats.get', { chatId })
    return { chatId, pictureId: chat.picture }
  }
const publicGroupInput = ({ publicGroup }: MatrixFixture) => ({ chatId: publicGroup.id })
/** What a public group of which no actor is a member allows the hub’s owner and admin. */
const hubAdminsOnPublic = `${unauthenticated} not_found not_found not_found not_found ok ok`
/** A file in a message of the chat. */
const withFile = async ({ hub, users, chat }: MatrixFixture) => {
  const owner = users['chat owner']
  const fileId = await uploadFile(hub.url, owner.token, { name: 'a.png', bytes: png(20, 10) })
  await hub.whenPreviewed()
  const message = { chatId: chat.id, cid: randomUUID(), text: '', attachments: [fileId] }
  await owner.request('messages.send', message)
  return { fileId }
}
const idleBackups = async ({ hub }: MatrixFixture) => {
  await backupsOf(hub.hub).idle()
  return {}
}
/** A backup point, and nothing under way. */
const withBackup = async ({ hub, users }: MatrixFixture) => {
  const owner = users['hub owner']
  await idleBackups({ hub } as MatrixFixture)
  const before = await owner.request('admin.backups', {})
  if (before.points.length === 0) await owner.request('admin.backups.make', {})
  await backupsOf(hub.hub).idle()
  return { pointId: (await owner.request('admin.backups', {})).points[0]?.id ?? '' }
}
/** A pending user. */
const withPendingUser = async ({ hub, users }: MatrixFixture) => {
  const owner = users['hub owner']
  await owner.request('admin.settings.update', { registration: 'approval' })
  const { id } = await TestUser.register(hub.url, newAccount())
  await owner.request('admin.settings.update', { registration: 'invite' })
  return { userId: id }
}
const registerNewUser = (hub: MatrixHub) => hub.registerUser(newAccount().username)
const messageInput = ({ messageId }: MatrixFixture) => ({ messageId })
const reactionInput = ({ messageId }: MatrixFixture) => ({ messageId, emoji: '👍' })
const chatInput = ({ chat }: MatrixFixture) => ({ chatId: chat.id })

export const matrix: Record<RequestName, MatrixRow> = {
  'hub.meta': { input: () => ({}), expected: forAllActors('ok') },
  'hub.setup': {
    input: () => ({ code: 'not the code', hubName: 'Mine', ...newAccount() }),
    expected: forAllActors('conflict'),
  },
  'hub.checkSetupCode': {
    input: () => ({ code: 'not the code' }),
    expected: forAllActors('conflict'),
  },
  'accounts.register': {
    input: async ({ users }) => {
      const { invite } = await users['hub owner'].request('admin.invites.create', {})
      return { invite, ...newAccount() }
    },
    expected: forAllActors('ok'),
  },
  'accounts.checkInvite': {
    input: async ({ users }) => {
      const { invite } = await users['hub owner'].request('admin.invites.create', {})
      return { invite }
    },
    expected: forAllActors('ok'),
  },
  'accounts.login': { input: () => ({ username: 'member', password }), expected: forAllActors('ok') },
  'accounts.logout': { input: () => ({}), expected: anySession },
  'recovery.question': { input: () => ({ username: 'member' }), expected: forAllActors('ok') },
  'recovery.answer': {
    input: () => ({ username: 'member', answer: 'not it' }),
    expected: forAllActors('unauthenticated'),
  },
  'recovery.key': {
    input: () => ({ username: 'member', recoveryKey: 'not it' }),
    expected: forAllActors('unauthenticated'),
  },
  'recovery.checkReset': {
    input: () => ({ resetToken: 'not it' }),
    expected: forAllActors('unauthenticated'),
  },
  'recovery.reset': {
    input: () => ({ resetToken: 'not it', password: 'another good password' }),
    expected: forAllActors('unauthenticated'),
  },
  'me.get': { input: () => ({}), expected: anySession },
  'me.password': { input: () => ({ current: password, password }), expected: anySession },
  'me.recovery': {
    input: () => ({ current: password, securityQuestion: 'first-pet', securityAnswer: 'Rex' }),
    expected: anySession,
  },
  'me.createRecoveryKey': { input: () => ({ current: password }), expected: anySession },
  'me.dismissRecoveryNotice': { input: () => ({}), expected: anySession },
  'sessions.list': { input: () => ({}), expected: anySession },
  'sessions.end': {
    input: async ({ hub }, me) => {
      const other = await TestUser.login(hub.url, me.user.username)
      const { sessions: mine } = await other.request('sessions.list', {})
      return { sessionId: mine.find(({ current }) => current)?.id }
    },
    expected: anySession,
  },
  'sessions.endOthers': { input: () => ({}), expected: anySession },
  'me.update': { input: () => ({ bio: 'hello' }), expected: anySession },
  'me.avatar': { input: () => ({ bytes: png(2, 2) }), expected: anySession },
  'me.avatar.remove': { input: () => ({}), expected: anySession },
  'status.set': { input: () => ({ text: 'At lunch', emoji: '🍜' }), expected: anySession },
  'status.clear': { input: () => ({}), expected: anySession },
  'users.avatar': {
    input: async ({ stranger }) => {
      const { user } = await stranger.request('me.avatar', { bytes: png(3, 3) })
      return { userId: stranger.id, avatarId: user.avatar }
    },
    expected: anySession,
  },
  'users.list': { input: () => ({}), expected: anySession },
  'users.find': { input: ({ stranger }) => ({ ids: stranger.id }), expected: anySession },
  'users.search': { input: () => ({ query: 'o' }), expected: anySession },
  'users.get': { input: ({ stranger }) => ({ userId: stranger.id }), expected: anySession },
  'chats.list': { input: () => ({}), expected: anySession },
  'chats.direct': { input: ({ stranger }) => ({ userId: stranger.id }), expected: anySession },
  'chats.withUsers': {
    input: ({ stranger, extra }) => ({ userIds: [stranger.id, extra.id] }),
    expected: anySession,
  },
  'chats.events': { input: chatInput, expected: chatMembers },
  'chats.create': { input: () => ({ name: 'New', visibility: 'private' }), expected: anySession },
  'chats.get': { input: chatInput, expected: chatMembers },
  'chats.discover': { input: () => ({}), expected: anySession },
  'chats.join': { input: chatInput, expected: chatMembers },
  'chats.leave': { input: chatInput, expected: chatMembers },
  'chats.update': { input: ({ chat }) => ({ chatId: chat.id, name: 'Renamed' }), expected: chatAdmins },
  'chats.picture': { input: ({ chat }) => ({ chatId: chat.id, bytes: onePixel }), expected: chatAdmins },
  'chats.picture.remove': { input: chatInput, expected: chatAdmins },
  'chats.picture.get': { input: withGroupPicture(({ chat }) => chat), expected: chatMembers },
  'chats.archive': { input: chatInput, expected: chatAdmins },
  'chats.unarchive': { input: chatInput, expected: chatAdmins },
  'chats.delete': { input: chatInput, expected: chatOwners },
  'chats.listDeleted': { input: () => ({}), expected: anySession },
  'chats.undelete': {
    input: async ({ chat, users }) => {
      await users['chat owner'].request('chats.delete', { chatId: chat.id })
      return { chatId: chat.id }
    },
    leavesState: true,
    // for everyone but its owner it is still deleted
    expected: `${unauthenticated} not_found not_found not_found ok not_found not_found`,
  },
  'chats.read': { input: ({ chat }) => ({ chatId: chat.id, no: 1 }), expected: chatMembers },
  'chats.readAll': { input: () => ({}), expected: anySession },
  'members.list': { input: chatInput, expected: chatMembers },
  'members.add': {
    input: ({ chat, stranger }) => ({ chatId: chat.id, userId: stranger.id }),
    expected: chatAdmins,
  },
  'members.update': {
    input: ({ chat, extra }) => ({ chatId: chat.id, userId: extra.id, role: 'admin' }),
    expected: chatAdmins,
  },
  'members.remove': {
    input: ({ chat, extra }) => ({ chatId: chat.id, userId: extra.id }),
    expected: chatAdmins,
  },
  'messages.list': { input: chatInput, expected: chatMembers },
  'messages.days': { input: ({ chat }) => ({ chatId: chat.id, month: '2026-05' }), expected: chatMembers },
  'messages.send': {
    input: ({ chat }) => ({ chatId: chat.id, cid: randomUUID(), text: 'hello' }),
    expected: chatMembers,
  },
  'messages.edit': {
    input: ({ messageId }) => ({ messageId, text: 'second' }),
    expected: `${unauthenticated} not_found forbidden forbidden ok not_found not_found`,
  },
  'messages.delete': { input: ({ messageId }) => ({ messageId, for: 'everyone' }), expected: chatAdmins },
  'messages.undelete': {
    input: messageInput,
    expected: `${unauthenticated}${' not_found'.repeat(6)}`,
  },
  'messages.status': { input: messageInput, expected: chatMembers },
  'reactions.add': { input: reactionInput, expected: chatMembers },
  'reactions.remove': { input: reactionInput, expected: chatMembers },
  'threads.list': { input: () => ({}), expected: anySession },
  'threads.get': { input: messageInput, expected: chatMembers },
  'threads.read': { input: ({ messageId }) => ({ messageId, no: 1 }), expected: chatMembers },
  'threads.follow': { input: messageInput, expected: chatMembers },
  'threads.unfollow': { input: messageInput, expected: chatMembers },
  'tokens.list': { input: () => ({}), expected: anySession },
  'tokens.create': { input: () => ({ name: 'Script', scope: 'read' }), expected: anySession },
  'tokens.revoke': {
    input: () => ({ tokenId: 'nobody-has-it' }),
    expected: `${unauthenticated}${' not_found'.repeat(6)}`,
  },
  'files.list': { input: chatInput, expected: chatMembers },
  'files.get': { input: withFile, expected: chatMembers },
  'files.preview': { input: withFile, expected: chatMembers },
  'appPackages.get': { input: () => ({}), expected: anySession },
  'appPackages.download': {
    input: ({ hub }) => ({ file: offerAppPackage(hub.dataDir) }),
    expected: anySession,
  },
  'webhooks.list': { input: chatInput, expected: chatAdmins },
  'webhooks.create': { input: ({ chat }) => ({ chatId: chat.id, name: 'Deploys' }), expected: chatAdmins },
  'webhooks.revoke': {
    input: async ({ chat, users }) => {
      const { webhook } = await users['chat owner'].request('webhooks.create', {
        chatId: chat.id,
        name: 'Old',
      })
      return { chatId: chat.id, webhookId: webhook.id }
    },
    expected: chatAdmins,
  },
  'webhooks.post': {
    input: async ({ chat, users }) => {
      const { url } = await users['chat owner'].request('webhooks.create', { chatId: chat.id, name: 'News' })
      const [webhookId, secret] = url.split('/').slice(-2)
      return { webhookId, secret, text: 'hello' }
    },
    expected: forAllActors('ok'),
  },
  'chats.updatePreferences': {
    input: (fixture) => ({ ...chatInput(fixture), muted: true }),
    expected: chatMembers,
  },
  'pins.list': { input: chatInput, expected: chatMembers },
  'pins.add': { input: ({ messageId }) => ({ messageId }), expected: chatAdmins },
  'pins.remove': { input: ({ messageId }) => ({ messageId }), expected: chatAdmins },
  'activity.list': { input: () => ({}), expected: anySession },
  'activity.read': { input: () => ({ upTo: 1 }), expected: anySession },
  'saved.list': { input: () => ({}), expected: anySession },
  'saved.ids': { input: () => ({}), expected: anySession },
  'saved.add': { input: ({ messageId }) => ({ messageId }), expected: chatMembers },
  'saved.remove': { input: ({ messageId }) => ({ messageId }), expected: anySession },
  'drafts.list': { input: () => ({}), expected: anySession },
  'drafts.set': {
    input: (fixture) => ({ ...chatInput(fixture), text: 'not yet', version: 'v1' }),
    expected: chatMembers,
  },
  'search.messages': {
    input: ({ chat }: MatrixFixture) => ({ q: 'first', chatId: chat.id }),
    expected: chatMembers,
  },
  'streams.read': { input: ({ chat }) => ({ stream: `chat:${chat.id}` }), expected: chatMembers },
  'admin.requests.list': { input: () => ({}), expected: hubAdmins },
  'admin.requests.accept': { input: withPendingUser, expected: hubAdmins },
  'admin.requests.decline': { input: withPendingUser, expected: hubAdmins },
  'admin.users.list': { input: () => ({}), expected: hubAdmins },
  'admin.users.update': {
    input: async ({ hub }) => ({ userId: (await registerNewUser(hub)).id, deactivated: true }),
    expected: hubAdmins,
  },
  'admin.users.sessions.end': {
    input: async ({ hub }) => ({ userId: (await registerNewUser(hub)).id }),
    expected: hubAdmins,
  },
  // with a wrong password: a real transfer would change the roles for every later cell
  'admin.ownership.transfer': {
    input: ({ stranger }) => ({ userId: stranger.id, password: 5 }),
    expected: `${unauthenticated} forbidden forbidden forbidden forbidden forbidden invalid`,
  },
  'admin.invites.create': { input: () => ({}), expected: hubAdmins },
  'admin.invites.list': { input: () => ({}), expected: hubAdmins },
  'admin.invites.revoke': {
    input: async ({ users }) => {
      const owner = users['hub owner']
      await owner.request('admin.invites.create', {})
      const { invites } = await owner.request('admin.invites.list', { limit: 1 })
      return { inviteId: invites[0]?.id }
    },
    expected: hubAdmins,
  },
  'admin.groups.list': { input: () => ({}), expected: hubAdmins },
  'admin.groups.delete': {
    input: ({ chat }) => ({ chatId: chat.id }),
    expected: hubAdmins,
    leavesState: true,
  },
  'admin.groups.undelete': {
    leavesState: true,
    input: async ({ chat, users }) => {
      await users['hub owner'].request('admin.groups.delete', { chatId: chat.id })
      return { chatId: chat.id }
    },
    expected: hubAdmins,
  },
  'sessions.reauthenticate': { input: () => ({ current: password }), expected: anySession },
  'admin.storage': { input: () => ({}), expected: hubAdmins },
  'admin.health': { input: () => ({}), expected: hubAdmins },
  'admin.clock.confirm': {
    input: () => ({}),
    expected: hubOwner,
  },
  'admin.backups': { input: () => ({}), expected: hubOwner },
  'admin.backups.update': { input: () => ({ time: '04:30' }), expected: hubOwner },
  'admin.backups.make': { input: idleBackups, expected: hubOwner },
  'admin.backups.verify': { input: withBackup, expected: hubOwner },
  'admin.backups.rehearse': { input: idleBackups, expected: hubOwner },
  'admin.backups.download': { input: withBackup, expected: hubOwner },
  'sessions.readTicket': { input: () => ({ ticket: 'forged' }), expected: forAllActors('not_found') },
  'sessions.useTicket': { input: () => ({ ticket: 'forged' }), expected: forAllActors('not_found') },
  'continuity.status': { input: () => ({}), expected: hubAdmins },
  'continuity.code': { input: () => ({ kind: 'standby' }), expected: hubOwner },
  'continuity.join': {
    input: () => ({ ...noComputer(), code: 'wrongwrong', key: 'key', name: 'n', kind: 'standby', sig: 's' }),
    expected: forAllActors('forbidden'),
  },
  'continuity.approve': { input: noComputer, expected: ownerGets('not_found') },
  'continuity.decline': { input: noComputer, expected: ownerGets('not_found') },
  'continuity.remove': { input: noComputer, expected: ownerGets('not_found') },
  'continuity.handover': { input: () => ({}), expected: ownerGets('conflict') },
  'continuity.goOn': { input: () => ({ current: 'not asked for' }), expected: ownerGets('conflict') },
  'continuity.vote': { input: () => ({ tie: 'hub' }), expected: ownerGets('conflict') },
  'continuity.reclaim': { input: noFolder, expected: ownerGets('not_found') },
  'continuity.discard': { input: noFolder, expected: ownerGets('not_found') },
  'continuity.sync': { input: () => ({ sync: 'off' }), expected: ownerGets('conflict') },
  'admin.audit': { input: () => ({}), expected: hubAdmins },
  'admin.users.createResetLink': { input: ({ stranger }) => ({ userId: stranger.id }), expected: hubAdmins },
  'admin.retention': { input: () => ({ days: 30 }), expected: hubAdmins },
  'admin.settings': { input: () => ({}), expected: hubAdmins },
  'admin.bots.list': { input: () => ({}), expected: hubAdmins },
  'admin.bots.create': { input: () => ({ username: newAccount().username }), expected: hubAdmins },
  'admin.bots.revoke': {
    input: async ({ users }) => {
      const { user } = await users['hub owner'].request('admin.bots.create', {
        username: newAccount().username,
      })
      return { userId: user.id }
    },
    expected: hubAdmins,
  },
  'admin.settings.update': { input: () => ({ registration: 'invite' }), expected: hubOwner },
}

/** Roles on the hub: who may do what to whom. */
const roleUpdateRow = (
  who: Exclude<Actor, 'anyone'>,
  input: Record<string, unknown>,
  expected: string,
): { name: RequestName; about: string; row: MatrixRow } => ({
  name: 'admin.users.update',
  about: `${JSON.stringify(input)} to the ${who}`,
  row: { input: ({ users }) => ({ userId: users[who].id, ...input }), expected },
})

/** The same requests on resources other than the private group. */
const extraRows: { name: RequestName; about: string; row: MatrixRow }[] = [
  {
    name: 'admin.users.createResetLink',
    about: 'for an admin',
    row: { input: ({ users }) => ({ userId: users['hub admin'].id }), expected: hubOwner },
  },
  {
    name: 'admin.users.createResetLink',
    about: 'for the owner',
    row: { input: ({ users }) => ({ userId: users['hub owner'].id }), expected: noActor },
  },
  {
    name: 'admin.settings.update',
    about: 'who may come back by a question',
    row: { input: () => ({ recoveryByQuestion: true }), expected: hubOwner },
  },
  {
    name: 'sessions.end',
    about: 'a session of another user',
    row: {
      input: async ({ stranger }) => {
        const { sessions: theirs } = await stranger.request('sessions.list', {})
        return { sessionId: theirs[0]?.id }
      },
      expected: `${unauthenticated} not_found not_found not_found not_found not_found not_found`,
    },
  },
  ...(['chats.archive', 'chats.unarchive', 'chats.delete'] as const).map((name) => ({
    name,
    about: 'a public group one is not in',
    row: { input: publicGroupInput, expected: hubAdminsOnPublic },
  })),
  {
    name: 'chats.undelete',
    about: 'a public group one is not in',
    row: {
      leavesState: true,
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
    row: { input: publicGroupInput, expected: hubAdminsOnPublic },
  },
  {
    name: 'chats.picture.get',
    about: 'a public group one is not in',
    row: { input: withGroupPicture(({ publicGroup }) => publicGroup), expected: anySession },
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
    about: 'transferring a public group of which the caller is not a member',
    row: {
      leavesState: true,
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
      leavesState: true,
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
      input: publicGroupInput,
      expected: `${unauthenticated} not_found not_found not_found not_found not_found not_found`,
    },
  },
  {
    name: 'members.remove',
    about: 'an admin',
    row: {
      leavesState: true,
      input: async ({ chat, users, extra }) => {
        await users['chat owner'].request('members.update', {
          chatId: chat.id,
          userId: extra.id,
          role: 'admin',
        })
        return { chatId: chat.id, userId: extra.id }
      },
      expected: chatAdmins,
    },
  },
  {
    name: 'members.update',
    about: 'taking the role of an admin away',
    row: {
      leavesState: true,
      input: async ({ chat, users, extra }) => {
        await users['chat owner'].request('members.update', {
          chatId: chat.id,
          userId: extra.id,
          role: 'admin',
        })
        return { chatId: chat.id, userId: extra.id, role: 'member' }
      },
      expected: chatAdmins,
    },
  },
  {
    name: 'members.update',
    about: 'taking the role of the owner away',
    row: {
      input: ({ chat, users }) => ({ chatId: chat.id, userId: users['chat owner'].id, role: 'member' }),
      expected: `${unauthenticated} not_found forbidden forbidden forbidden not_found not_found`,
    },
  },
  {
    name: 'messages.send',
    about: 'an announcement group',
    row: {
      leavesState: true,
      input: async ({ chat, users }) => {
        await users['chat owner'].request('chats.update', { chatId: chat.id, posting: 'admins' })
        return { chatId: chat.id, cid: randomUUID(), text: 'hello' }
      },
      expected: chatAdmins,
    },
  },
  {
    name: 'messages.send',
    about: 'an archived group',
    row: {
      leavesState: true,
      input: async ({ chat, users }) => {
        await users['chat owner'].request('chats.archive', { chatId: chat.id })
        return { chatId: chat.id, cid: randomUUID(), text: 'hello' }
      },
      expected: `${unauthenticated} not_found forbidden forbidden forbidden not_found not_found`,
    },
  },
  {
    name: 'messages.send',
    about: 'passing on the files of a message',
    row: {
      input: async (fixture, me) => {
        const { fileId } = await withFile(fixture)
        const { messages } = await fixture.users['chat owner'].request('messages.list', {
          chatId: fixture.chat.id,
        })
        const source = messages.find((one) => !one.deleted && one.attachments.some(({ id }) => id === fileId))
        const chat = await me.openDirectChat(me === fixture.stranger ? fixture.extra : fixture.stranger)
        return { chatId: chat.id, cid: randomUUID(), text: '', forward: source?.id }
      },
      expected: chatMembers,
    },
  },
  {
    name: 'messages.delete',
    about: 'for me',
    row: { input: ({ messageId }) => ({ messageId, for: 'me' }), expected: chatMembers },
  },
  {
    name: 'messages.delete',
    about: 'a message of another user in a public group',
    row: {
      leavesState: true,
      input: async ({ publicGroup, stranger }) => {
        const { id } = await stranger.sendMessage(publicGroup.id, 'not nice')
        return { messageId: id, for: 'everyone' }
      },
      expected: hubAdminsOnPublic,
    },
  },
  {
    name: 'messages.delete',
    about: 'for me, in a public group one is not in',
    row: {
      leavesState: true,
      input: async ({ publicGroup, stranger }) => {
        const { id } = await stranger.sendMessage(publicGroup.id, 'not nice')
        return { messageId: id, for: 'me' }
      },
      expected: `${unauthenticated}${' not_found'.repeat(6)}`,
    },
  },
  {
    name: 'messages.undelete',
    about: 'a message that the caller deleted',
    row: {
      leavesState: true,
      input: async ({ messageId }, me) => {
        await me.request('messages.delete', { messageId, for: 'me' }).catch(() => undefined)
        return { messageId }
      },
      expected: chatMembers,
    },
  },
  ...(['messages.edit', 'reactions.add', 'reactions.remove'] as const).map((name) => ({
    name,
    about: 'an archived group',
    row: {
      leavesState: true as const,
      input: async ({ chat, users, messageId }: MatrixFixture) => {
        await users['chat owner'].request('chats.archive', { chatId: chat.id })
        return name === 'messages.edit' ? { messageId, text: 'second' } : { messageId, emoji: '👍' }
      },
      expected: `${unauthenticated} not_found forbidden forbidden forbidden not_found not_found`,
    },
  })),
  {
    name: 'reactions.add',
    about: 'an announcement group',
    row: {
      leavesState: true,
      input: async ({ chat, users, messageId }) => {
        await users['chat owner'].request('chats.update', { chatId: chat.id, posting: 'admins' })
        return { messageId, emoji: '👍' }
      },
      expected: chatMembers,
    },
  },
  {
    name: 'messages.list',
    about: 'an archived group',
    row: {
      leavesState: true,
      input: async ({ chat, users }) => {
        await users['chat owner'].request('chats.archive', { chatId: chat.id })
        return { chatId: chat.id }
      },
      expected: chatMembers,
    },
  },
  {
    name: 'chats.join',
    about: 'an archived public group',
    row: {
      leavesState: true,
      input: async ({ publicGroup, stranger }) => {
        await stranger.request('chats.archive', { chatId: publicGroup.id })
        return { chatId: publicGroup.id }
      },
      expected: `${unauthenticated} not_found not_found not_found not_found not_found not_found`,
    },
  },
  {
    name: 'chats.join',
    about: 'a public group',
    row: { input: ({ publicGroup }) => ({ chatId: publicGroup.id }), expected: anySession },
  },
  {
    name: 'messages.list',
    about: 'a public group one is not in',
    row: {
      input: ({ publicGroup }) => ({ chatId: publicGroup.id }),
      expected: `${unauthenticated} not_found not_found not_found not_found not_found not_found`,
    },
  },
  {
    name: 'tokens.revoke',
    about: 'a token of one’s own',
    row: {
      input: async (_fixture, me) => {
        const { id: tokenId } = await me.request('tokens.create', { name: 'Script', scope: 'read' })
        return { tokenId }
      },
      expected: anySession,
    },
  },
  {
    name: 'streams.read',
    about: 'the stream of another user',
    row: {
      input: ({ stranger }) => ({ stream: `user:${stranger.id}` }),
      expected: `${unauthenticated} not_found not_found not_found not_found not_found not_found`,
    },
  },
  roleUpdateRow('hub owner', { deactivated: true }, noActor),
  roleUpdateRow('hub owner', { role: 'member' }, noActor),
  roleUpdateRow('hub admin', { deactivated: false }, hubOwner),
  roleUpdateRow('hub admin', { role: 'admin' }, hubOwner),
  roleUpdateRow('member', { role: 'member' }, hubOwner),
  roleUpdateRow('member', { deactivated: false }, hubAdmins),
  {
    name: 'admin.users.sessions.end',
    about: 'an admin',
    row: {
      input: ({ users }) => ({ userId: users['hub owner'].id }),
      expected: noActor,
    },
  },
  { name: 'streams.read', about: 'the hub', row: { input: () => ({ stream: 'hub' }), expected: anySession } },
  {
    name: 'members.update',
    about: 'handing over ownership',
    row: {
      input: ({ chat, extra }) => ({ chatId: chat.id, userId: extra.id, role: 'owner' }),
      expected: chatOwners,
    },
  },
  {
    name: 'members.remove',
    about: 'the owner',
    row: {
      input: ({ chat, users }) => ({ chatId: chat.id, userId: users['chat owner'].id }),
      expected: `${unauthenticated} not_found forbidden forbidden forbidden not_found not_found`,
    },
  },
  {
    name: 'messages.send',
    about: 'bad input: access is judged first',
    row: {
      input: ({ chat }) => ({ chatId: chat.id, cid: 'no uuid', text: '' }),
      expected: `${unauthenticated} not_found invalid invalid invalid not_found not_found`,
    },
  },
  {
    name: 'chats.update',
    about: 'bad input: access is judged first',
    row: {
      input: ({ chat }) => ({ chatId: chat.id, colour: 'red' }),
      expected: `${unauthenticated} not_found forbidden invalid invalid not_found not_found`,
    },
  },
]

export async function createFixture(hub: MatrixHub): Promise<Ground> {
  const owner = await hub.setUp('hub.owner')
  const { invite } = await owner.request('admin.invites.create', { role: 'admin' })
  const users = {
    outsider: await hub.registerUser('outsider'),
    member: await hub.registerUser('member'),
    'chat admin': await hub.registerUser('chat.admin'),
    'chat owner': await hub.registerUser('chat.owner'),
    'hub admin': await TestUser.register(hub.url, { username: 'hub.admin', invite }),
    'hub owner': owner,
  }
  const stranger = await hub.registerUser('stranger')
  return {
    hub,
    users,
    stranger,
    extra: await hub.registerUser('extra'),
  }
}

export async function withFreshChats(fixture: Ground): Promise<MatrixFixture> {
  const { users, extra, stranger } = fixture
  const chat = await users['chat owner'].createGroup('Private', [users.member, users['chat admin'], extra])
  await users['chat owner'].request('members.update', {
    chatId: chat.id,
    userId: users['chat admin'].id,
    role: 'admin',
  })
  const message = await users['chat owner'].sendMessage(chat.id, 'first')
  const publicGroup = await stranger.createGroup('Public', [], 'public')
  return { ...fixture, chat, publicGroup, messageId: message.id }
}

/** Logging out ends the session, so it gets a session of its own. */
export async function sessionFor(
  fixture: Ground,
  who: Exclude<Actor, 'anyone'>,
  name: string,
): Promise<TestUser> {
  const user = fixture.users[who]
  return name === 'accounts.logout' ? TestUser.login(fixture.hub.url, user.user.username) : user
}

/** Whether later cells need a fresh chat: a successful write changes the fixture, an error changes nothing. */
export const isWrite = (name: string): boolean => requests[name as RequestName].method !== 'GET'

/** One request, with the result for each kind of actor. */
export const rows: { name: string; about: string; row: MatrixRow }[] = [
  ...Object.entries(matrix).map(([name, row]) => ({ name, about: '', row })),
  ...extraRows.map((one) => ({ ...one, name: one.name })),
]

/** Returns `ok`, or the code of the error. */
export async function askOverHttp(
  url: string,
  token: string | undefined,
  name: string,
  input: Record<string, unknown>,
): Promise<string> {
  const { status, body } = await rawRequest(url, token, name, input)
  return status < 400 ? 'ok' : (body as { error: { code: string } }).error.code
}

/** The same over a socket of its own. */
export async function askOverSocket(
  me: TestUser,
  name: string,
  input: Record<string, unknown>,
): Promise<string> {
  const live = await me.connect()
  const result = await live.requestAny(name, input).then(
    () => 'ok',
    (error: unknown) => (error instanceof RequestError ? error.code : String(error)),
  )
  live.terminate()
  return result
}

/** A request that opens a session sets a cookie or returns a token, which works over HTTP only. */
export function expectedOverSocket(name: string, { expected }: MatrixRow, actor: number): string | undefined {
  const { transport } = requests[name as RequestName] as { transport?: string }
  return transport === 'http' ? 'forbidden' : expected.split(' ')[actor]
}
