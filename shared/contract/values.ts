import { Type, type Static } from './type.ts'

/** Sizes that both sides hold to. Bytes are UTF-8; characters are Unicode code points. */
export const limits = {
  /** Bytes of a message's text. */
  text: 16 * 1024,
  /** Bytes of one frame sent to the hub. */
  frame: 64 * 1024,
  /** Bytes of one JSON body over HTTP. */
  body: 512 * 1024,
  username: { min: 2, max: 32 },
  displayName: 64,
  password: { min: 10, max: 256 },
  securityQuestion: 200,
  securityAnswer: { min: 3, max: 100 },
  device: 100,
  tokenName: 64,
  hubName: 64,
  groupName: 255,
  topic: 500,
  groupMembers: 2000,
  /** The most days after which messages can go. */
  retentionDays: 3650,
  /** How long a deleted group can be brought back. */
  undeleteDays: 7,
  membersPerRequest: 1000,
  page: { messages: 100, entries: 500, users: 200, groups: 200, threads: 100, files: 60, hits: 50 },
  /** Pinned messages of a chat, and what a person saves. */
  pins: 100,
  saved: 2000,
  /** Of the list of chats: sections, and chats in each. */
  sections: 30,
  sectionChats: 500,
  sectionName: 64,
  /** Bytes of all that a person has chosen, as JSON: each change is kept in their stream, and fits a frame. */
  settings: 48 * 1024,
  /** Characters of what is looked for. */
  searchQuery: 1000,
  /** Words in it. */
  searchTerms: 32,
  /** Counting the unread of a chat stops here; the page shows "99+" long before. */
  unread: 1000,
  /** Members up to which read marks and typing are told live. */
  liveReceiptMembers: 50,
  /** How long a message can be edited, and a deletion be undone. */
  editHours: 24,
  undeleteSeconds: 10,
  /** Different reactions on one message. */
  reactions: 20,
  preview: 200,
  /** Members up to which anybody may call all with @everyone or @here. */
  broadcastMentionMembers: 12,
  bio: 500,
  /** Of a person or group: bytes, and pixels on each side. */
  picture: { bytes: 512 * 1024, side: 1024 },
  /** Of one message. */
  attachments: 10,
  /** What an admin may set: bytes of one file, and of all that one person keeps. */
  fileBytes: { min: 1024 * 1024, max: 8 * 1024 ** 3 - 1 },
  userBytes: { min: 1024 * 1024, max: 1024 ** 5 },
} as const

export const Id = Type.String({ minLength: 1, maxLength: 64, description: 'an id as the hub gave it' })
/** Integer milliseconds since 1970. For display: order never comes from clocks. */
export const Time = Type.Integer({ description: 'milliseconds since 1970' })
export const MessageNumber = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
export const Limit = Type.Integer({ minimum: 1, description: 'lowered to the maximum when above it' })
/** A UUID of any version, made by the client when the person presses send. */
export const Cid = Type.String({
  pattern: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
  description: 'UUID of any version',
})

export const HubRole = Type.Union([Type.Literal('owner'), Type.Literal('admin'), Type.Literal('member')])
export type HubRole = Static<typeof HubRole>
export const ChatRole = Type.Union([Type.Literal('owner'), Type.Literal('admin'), Type.Literal('member')])
export type ChatRole = Static<typeof ChatRole>
export const Presence = Type.Union([Type.Literal('active'), Type.Literal('idle')])
export type Presence = Static<typeof Presence>
/** Who may make an account: with an invite, anybody, anybody an admin lets in, nobody. */
export const Registration = Type.Union([
  Type.Literal('invite'),
  Type.Literal('open'),
  Type.Literal('approval'),
  Type.Literal('closed'),
])
export type Registration = Static<typeof Registration>
export const Visibility = Type.Union([Type.Literal('public'), Type.Literal('private')])
export type Visibility = Static<typeof Visibility>
/** Who writes in a chat: everybody in it, or (an announcement group) its owner and admins only. */
export const Posting = Type.Union([Type.Literal('all'), Type.Literal('admins')])
export type Posting = Static<typeof Posting>

/** The body of a request, as it is. */
export const Bytes = Type.Unsafe<Uint8Array>(Type.Unknown({ description: 'the body, as it is' }))
/** An answer that is no JSON. */
export interface BinaryContent {
  type: string
  bytes: Uint8Array
}
export const BinaryContent = Type.Unsafe<BinaryContent>(Type.Unknown({ description: 'the picture itself' }))

/** An answer that is a file on the hub's disk, sent as a stream. */
export interface ServedFile {
  path: string
  size: number
  /** Decided by its content; shown in place only when it is one of those that are safe. */
  type: string
  name: string
  /** Names this content for good. */
  etag: string
}
export const ServedFile = Type.Unsafe<ServedFile>(Type.Unknown({ description: 'the file itself' }))

/** Strict: what is not named here is refused on the way in and never sent on the way out. */
export const strict = { additionalProperties: false } as const

export const EmptyObject = Type.Object({}, strict)
