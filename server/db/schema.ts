import type { Generated, Kysely } from 'kysely'
import type { NotificationLevel } from '../../shared/contract/chats.ts'
import type {
  Adding,
  ChatRole,
  HubRole,
  Posting,
  Registration,
  Visibility,
} from '../../shared/contract/values.ts'
import type { PositionTable, StandbyTable } from './continuity-tables.ts'
import type { ActivityTable, KeywordTable } from './activity-tables.ts'
import type { FileTable, ReleasedFileTable } from './file-tables.ts'

/** The tables of the latest schema. Columns are snake_case in the database and camelCase here (Kysely's plugin). */
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
  hiddenMessage: HiddenMessageTable
  savedMessage: SavedMessageTable
  activity: ActivityTable
  keyword: KeywordTable
  draft: DraftTable
  sentDraft: SentDraftTable
  textBudget: TextBudgetTable
  pendingDeletion: PendingDeletionTable
  threadFollower: ThreadFollowerTable
  entry: EntryTable
  audit: AuditTable
  resetToken: ResetTokenTable
  token: TokenTable
  webhook: WebhookTable
  file: FileTable
  releasedFile: ReleasedFileTable
  standby: StandbyTable
  position: PositionTable
  searchState: SearchStateTable
}

export type Db = Kysely<Tables>

/** One row, id 1. */
export interface HubTable {
  id: number
  name: string
  registration: Registration
  epoch: string
  /** Decoy questions of recovery.question are derived from it. */
  decoySecret: Buffer
  recoveryByQuestion: Generated<number>
  /** Size of the largest file. */
  fileBytes: Generated<number>
  /** Size of all files of one user. */
  userBytes: Generated<number>
  /** Messages older than this are deleted; null keeps all. */
  retentionDays: Generated<number | null>
  /** Most members of a group. */
  groupMembers: Generated<number>
  /** `on`: the hub waits for its standby before it acknowledges. */
  sync: Generated<'off' | 'on'>
  /** Where the deciding vote is: `hub`, `standby`, or the node of a third computer. */
  tie: Generated<string>
  /** Highest seq of the stream `hub`. */
  head: Generated<number>
  createdAt: number
  /** SHA-256 of the set-up code that any process of a cluster takes, until the hub has an owner. */
  setupHash: Generated<Buffer | null>
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
  /** The id in the URL of the avatar: each upload gets a new one. */
  avatar: Generated<string | null>
  /** SHA-256 of its file in hex; never sent to clients. */
  avatarDigest: Generated<string | null>
  statusText: Generated<string | null>
  statusEmoji: Generated<string | null>
  /** The end of the status. The job `status.expire` clears it soon afterwards. */
  statusUntil: Generated<number | null>
  /** JSON object. */
  settings: Generated<string>
  /** JSON: how the account was last recovered, until the user has seen it. */
  recoveryNotice: Generated<string | null>
  createdAt: number
  lastSeenAt: number | null
  deactivatedAt: number | null
  /** Set while the registration request is pending: only admins see the account. */
  pendingSince: number | null
  /** The invite the user registered with. */
  inviteId: string | null
  /** A bot has an account and tokens, but no password. */
  kind: Generated<'user' | 'bot'>
  /** The order of joining, from 0: clients give faces their colours by it. */
  joinedNo: number
  /** Highest seq of the stream `user:<id>`. */
  head: Generated<number>
}

export interface SessionTable {
  id: string
  userId: string
  /** SHA-256 of the token; the hub does not keep the token itself. */
  tokenHash: Buffer
  kind: 'cookie' | 'token'
  device: string
  address: string
  createdAt: number
  usedAt: number
  expiresAt: number
  /** When the user last confirmed the password in it. */
  reauthenticatedAt: Generated<number>
  /** 0: on a shared computer, so it ends soon. */
  persistent: Generated<number>
  /** When the last ticket was made that moved it to another address: no earlier one counts. */
  ticketAt: Generated<number>
}

/** The right to set a new password; at most one per user. */
export interface ResetTokenTable {
  userId: string
  /** SHA-256 of the token; the hub does not keep the token itself. */
  tokenHash: Buffer
  method: 'question' | 'key' | 'link' | 'owner'
  createdAt: number
  expiresAt: number
}

export interface InviteTable {
  id: string
  codeHash: Buffer
  role: 'member' | 'admin'
  uses: number
  usedCount: Generated<number>
  expiresAt: number
  createdBy: string
  createdAt: number
  revokedAt: number | null
}

export interface ThrottleTable {
  /** `<what is counted>:account:<folded name>` or `<what is counted>:address:<ip>`. */
  key: string
  count: number
  /** Start of the counting window. */
  since: number
  /** Attempts are refused until then. */
  until: number
}

export interface ChatTable {
  id: string
  kind: 'direct' | 'group'
  name: string | null
  visibility: Visibility
  topic: string | null
  /**
   * The user ids of a chat without a name (twice the same in the notes of a user), sorted and joined by a colon: one
   * chat for the same users.
   */
  directKey: string | null
  memberCount: number
  /** Highest seq of the stream `chat:<id>`. */
  head: Generated<number>
  /** Highest `no` of its messages. */
  lastNo: Generated<number>
  updatedAt: number
  createdBy: string
  createdAt: number
  /** Set when the chat is deleted: nobody sees it. Undelete works as long as it has members; then its rows are deleted. */
  deletedAt: number | null
  /** 1: deleted by an admin of the hub; only admins of the hub undelete it. */
  deletedByHub: Generated<number>
  posting: Generated<Posting>
  adding: Generated<Adding>
  /** 1: the group for everyone. */
  forEveryone: Generated<number>
  archivedAt: Generated<number | null>
  /** The id in the URL of the group picture: each upload gets a new one. */
  picture: Generated<string | null>
  /** SHA-256 of its file in hex. */
  pictureDigest: Generated<string | null>
}

export interface MembershipTable {
  chatId: string
  userId: string
  role: ChatRole
  joinedAt: number
  readNo: number
  deliveredNo: number
  /** When `readNo` last grew, and the number before: messages in between were read at this time. */
  readAt: Generated<number | null>
  readBeforeNo: Generated<number>
  /** The same of `deliveredNo`. */
  deliveredAt: Generated<number | null>
  deliveredBeforeNo: Generated<number>
  muted: Generated<number>
  notify: Generated<NotificationLevel>
  /** Archived for me when this was the last message; a newer message brings the chat back. */
  archivedForMeNo: Generated<number | null>
  /** The user marked messages from this number on as unread. */
  unreadFrom: Generated<number | null>
  /** The other user who added them, until they read the chat for the first time. */
  addedBy: Generated<string | null>
}

export interface MessageTable {
  /** Row number, for the search index; never sent to clients. */
  n: Generated<number>
  id: string
  chatId: string
  /** The parent message; '' for a message of the chat itself. */
  thread: Generated<string>
  /** Its number in the chat, or in its thread. */
  no: number
  seq: number
  rev: number
  cid: string
  authorId: string
  text: string
  /**
   * SHA-256 over the request. Distinguishes a repeated request from another body with the same cid, also after an
   * edit.
   */
  digest: Buffer
  at: number
  editedAt: number | null
  /** seq of the entry that last changed the text: an edit based on an earlier one is refused. */
  editSeq: Generated<number | null>
  deletedAt: number | null
  replyTo: string | null
  reactionCount: Generated<number>
  /** Replies in its thread that are not deleted. */
  replyCount: Generated<number>
  /** Highest `no` in its thread. */
  threadLastNo: Generated<number>
  /** When the latest reply was sent that is not deleted. */
  threadAt: Generated<number | null>
  pinnedAt: Generated<number | null>
  pinnedBy: Generated<string | null>
}

export interface MentionTable {
  userId: string
  chatId: string
  no: number
}

/** Users mentioned by a reply in a thread, until they have read it. */
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
  /** seq of the entry that added it; reactions are shown in this order. */
  seq: number
}

/** Messages that a user hid: "delete for me". */
export interface HiddenMessageTable {
  userId: string
  messageId: string
  at: number
}

/** How much of the text budget a user has used: see server/text-budget.ts. */
export interface TextBudgetTable {
  userId: string
  /** Bytes at the time `at`; from then on it decreases. */
  used: number
  at: number
  /** When a request was last refused. */
  reachedAt: number | null
}

/** What a user has not sent yet. */
export interface DraftTable {
  userId: string
  chatId: string
  /** The parent message; '' in the chat itself. */
  thread: string
  /** '': sent or cleared. */
  text: string
  version: string
  at: number
}

/** The message that a version of a draft became. */
export interface SentDraftTable {
  userId: string
  chatId: string
  /** As in DraftTable. */
  thread: string
  version: string
  messageId: string
  at: number
}

/** Messages that a user saved. */
export interface SavedMessageTable {
  userId: string
  messageId: string
  at: number
}

/** The text of a deleted message, for as long as it can be undeleted. */
export interface PendingDeletionTable {
  messageId: string
  byId: string
  text: string
  until: number
}

/** Users who replied in a thread or were mentioned in it, and how far they have read. */
export interface ThreadFollowerTable {
  thread: string
  userId: string
  following: Generated<number>
  readNo: Generated<number>
  /** When the replies above `readBeforeNo` were read, as far as it is known. */
  readAt: Generated<number | null>
  readBeforeNo: Generated<number>
  /** `no` of the user's latest reply that is not deleted; 0 for none. */
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
  /** JSON: what cannot be read from the target's row. */
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
  /** SHA-256 over this row and the hash of the row before. */
  hash: Buffer
}

/** Tokens with which scripts act as a user. */
export interface TokenTable {
  id: string
  userId: string
  /** SHA-256 of the token; the hub does not keep the token itself. */
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

/** One row, id 1: what the search index covers. The index itself is not in these types: see full-text.ts. */
export interface SearchStateTable {
  id: number
  /** Version of the tokenizer that made its terms. */
  version: string
  /** Messages with `n` from this on are indexed… */
  below: number
  /** …up to this one. Higher ones wait in the index queue. */
  through: number
}
