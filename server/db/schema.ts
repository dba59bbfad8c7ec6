import type { Generated, Kysely } from 'kysely'
import type { NotificationLevel } from '../../shared/contract/chats.ts'
import type { ChatRole, HubRole, Posting, Registration, Visibility } from '../../shared/contract/values.ts'

/** The tables as they are now. Columns are snake_case in the file, camelCase here (Kysely's plugin). */
export interface Tables {
  hub: HubTable
  user: UserTable
  session: SessionTable
  invite: InviteTable
  throttle: ThrottleTable
  chat: ChatTable
  membership: MembershipTable
  message: MessageTable
  mention: MentionTable
  replyMention: ReplyMentionTable
  reaction: ReactionTable
  hidden: HiddenTable
  withheld: WithheldTable
  follower: FollowerTable
  entry: EntryTable
  audit: AuditTable
  reset: ResetTable
  token: TokenTable
  hook: WebhookTable
  file: FileTable
  searchState: SearchStateTable
  saved: SavedTable
}

export type Db = Kysely<Tables>

/** One row, id 1. */
export interface HubTable {
  id: number
  name: string
  registration: Registration
  epoch: string
  /** What the decoys of recovery.question hang on. */
  decoySecret: Buffer
  recoveryByQuestion: Generated<number>
  /** The largest file, and what one person may keep here. */
  fileBytes: Generated<number>
  personBytes: Generated<number>
  /** Messages older than this many days go. */
  messageDays: Generated<number | null>
  /** Most members of a group. */
  groupMembers: Generated<number>
  /** Highest seq of the stream `hub`. */
  head: Generated<number>
  createdAt: number
}

export interface UserTable {
  id: string
  username: string
  /** `foldCase(username)`: unique. */
  usernameKey: string
  displayName: string
  displayKey: string
  role: HubRole
  password: Buffer
  question: string | null
  answer: Buffer | null
  /** SHA-256 of the recovery key. */
  recoveryKey: Buffer
  bio: string | null
  /** The id in the address of their picture: new with each one. */
  avatar: Generated<string | null>
  /** SHA-256 of its file in hex: never leaves the hub. */
  avatarDigest: Generated<string | null>
  /** JSON object. */
  settings: Generated<string>
  /** JSON of how the account was last recovered, until the person has seen it. */
  recovered: Generated<string | null>
  createdAt: number
  lastSeenAt: number | null
  deactivatedAt: number | null
  /** Has asked to be let in and waits: an account that nobody but the admins sees. */
  pendingSince: number | null
  /** The invite they came by. */
  inviteId: string | null
  /** A bot has an account and tokens, but nothing to log in with. */
  kind: Generated<'person' | 'bot'>
  /** Highest seq of the stream `user:<id>`. */
  head: Generated<number>
}

export interface SessionTable {
  id: string
  userId: string
  /** SHA-256 of the token; the token itself is nowhere on the hub. */
  tokenHash: Buffer
  kind: 'cookie' | 'token'
  device: string
  address: string
  createdAt: number
  usedAt: number
  expiresAt: number
  /** When its person last said their password in it. */
  confirmedAt: Generated<number>
  /** 0: on a computer of others, so it ends soon. */
  lasting: Generated<number>
}

/** The right to set a new password, one for each person. */
export interface ResetTable {
  userId: string
  /** SHA-256 of the token; the token itself is nowhere on the hub. */
  tokenHash: Buffer
  way: 'question' | 'key' | 'link' | 'owner'
  createdAt: number
  expiresAt: number
}

export interface InviteTable {
  id: string
  codeHash: Buffer
  role: 'member' | 'admin'
  uses: number
  used: Generated<number>
  expiresAt: number
  createdBy: string
  createdAt: number
  revokedAt: number | null
}

export interface ThrottleTable {
  /** `account:<folded name>` or `address:<ip>`, with what is counted in front. */
  key: string
  count: number
  /** Start of the window that is counted. */
  since: number
  /** Refused until then. */
  until: number
}

export interface ChatTable {
  id: string
  kind: 'direct' | 'group'
  name: string | null
  visibility: Visibility
  topic: string | null
  /** The two ids of a direct chat, sorted, with a colon between: one chat for each pair. */
  directKey: string | null
  memberCount: number
  /** Highest seq of the stream `chat:<id>`. */
  head: Generated<number>
  /** Highest `no` of its messages. */
  lastNo: Generated<number>
  updatedAt: number
  createdBy: string
  createdAt: number
  /** Nobody sees it any more. It can be brought back as long as it has members; after that its rows are cleared away. */
  deletedAt: number | null
  /** 1: deleted by those who run the hub, who alone bring it back. */
  deletedByHub: Generated<number>
  posting: Generated<Posting>
  archivedAt: Generated<number | null>
  /** The id in the address of its picture: new with each one. */
  picture: Generated<string | null>
  /** SHA-256 of the file. */
  pictureDigest: Generated<string | null>
}

export interface MembershipTable {
  chatId: string
  userId: string
  role: ChatRole
  joinedAt: number
  readNo: number
  deliveredNo: number
  muted: Generated<number>
  notify: Generated<NotificationLevel>
  /** Put aside when this was the last message; a newer one brings it back. */
  archivedForMeNo: Generated<number | null>
  /** Marked as unread from here on, though read further. */
  unreadFrom: Generated<number | null>
}

export interface MessageTable {
  /** Local row number, for the search index; never leaves the hub. */
  n: Generated<number>
  id: string
  chatId: string
  /** The message it answers in a thread; '' for what stands in the chat itself. */
  thread: Generated<string>
  /** Its number in the chat, or in its thread. */
  no: number
  seq: number
  rev: number
  cid: string
  authorId: string
  text: string
  /** SHA-256 over what was sent, so that a repeat is told from another body after an edit too. */
  digest: Buffer
  at: number
  editedAt: number | null
  /** The entry that last changed the text: an edit that was begun before it is refused. */
  editSeq: Generated<number | null>
  deletedAt: number | null
  replyTo: string | null
  reactionCount: Generated<number>
  /** Replies in its thread that are not deleted. */
  replyCount: Generated<number>
  /** Highest `no` in its thread. */
  threadLastNo: Generated<number>
  /** When the last of them was sent that is not deleted. */
  threadAt: Generated<number | null>
  pinnedAt: Generated<number | null>
  pinnedBy: Generated<string | null>
}

/** Messages that somebody keeps for themselves. */
export interface SavedTable {
  userId: string
  messageId: string
  at: number
}

export interface MentionTable {
  userId: string
  chatId: string
  no: number
}

/** Who a reply in a thread calls, until they have read it. */
export interface ReplyMentionTable {
  userId: string
  chatId: string
  thread: string
  no: number
}

export interface ReactionTable {
  messageId: string
  emoji: string
  userId: string
  /** The entry that added it: their order. */
  seq: number
}

/** Deleted by one person for themselves. */
export interface HiddenTable {
  userId: string
  messageId: string
  at: number
}

/** What a deleted message said, for as long as the deletion can be undone. */
export interface WithheldTable {
  messageId: string
  byId: string
  text: string
  until: number
}

/** Who takes part in a thread, or was named in it, and how far they have read. */
export interface FollowerTable {
  thread: string
  userId: string
  following: Generated<number>
  readNo: Generated<number>
  /** Their own latest reply that is not deleted; 0 for none. */
  lastNo: Generated<number>
}

export interface EntryTable {
  stream: string
  seq: number
  type: string
  at: number
  byId: string | null
  /** The message, user or chat it is about. */
  target: string | null
  /** JSON of what cannot be read from the target's row. */
  data: string | null
}

export interface AuditTable {
  id: number
  at: number
  action: string
  byId: string | null
  target: string | null
  address: string | null
  /** JSON object. */
  detail: string | null
  /** SHA-256 over this row and the hash of the one before. */
  hash: Buffer
}

/** What a person made for a program that acts as them. */
export interface TokenTable {
  id: string
  userId: string
  /** SHA-256 of the token; the token itself is nowhere on the hub. */
  tokenHash: Buffer
  name: string
  scope: 'read' | 'write'
  createdAt: number
  usedAt: number | null
  expiresAt: number | null
}

/** An address that posts into a group. */
export interface WebhookTable {
  id: string
  chatId: string
  /** The bot that posts. */
  userId: string
  name: string
  secretHash: Buffer
  createdBy: string
  createdAt: number
  usedAt: number | null
}

/** A file on its way in (no digest yet), whole and in no message, or in a message. */
export interface FileTable {
  id: string
  /** Who brought it, and who forwarded it for a copy: it counts on their account. */
  userId: string
  messageId: string | null
  /** Of the message: for the files of a chat in their order. */
  chatId: string | null
  seq: number | null
  /** 0, 1, 2… among the files of the message. */
  place: number | null
  name: string
  type: string
  size: number
  /** How much of it is on the disk. */
  received: Generated<number>
  /** SHA-256 of the content in hex: never leaves the hub. */
  digest: string | null
  width: number | null
  height: number | null
  duration: number | null
  moves: Generated<number>
  /** Of its smaller pictures. */
  listDigest: string | null
  screenDigest: string | null
  createdAt: number
  /** Something came in, or it was whole, at that time. */
  touchedAt: number
}

/** One row, id 1: how far the search index goes. The index itself is not for queries built here: see full-text.ts. */
export interface SearchStateTable {
  id: number
  /** How the words in it were made. */
  version: string
  /** Every message from this number on is in it… */
  below: number
  /** …up to this one. Those above come next. */
  through: number
}
