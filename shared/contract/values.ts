import { Type, type Static } from './type.ts'

/** Limits that hub and clients enforce. Bytes are UTF-8; characters are Unicode code points. */
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
  /** Maximum of the retention setting. */
  retentionDays: 3650,
  /** Days for which a deleted group can be restored. */
  undeleteDays: 7,
  membersPerRequest: 1000,
  /** The other members of a chat without a name. */
  unnamedChatUsers: 10,
  page: {
    messages: 100,
    entries: 500,
    users: 200,
    groups: 200,
    threads: 100,
    files: 60,
    hits: 50,
    events: 200,
    activity: 100,
  },
  /** Pinned messages of a chat, and saved messages of a user. */
  pins: 100,
  saved: 2000,
  /** Drafts that the hub keeps for a user, and bytes of each; a longer one stays on its device. */
  drafts: 200,
  draftBytes: 16 * 1024,
  /** Of the chat list: sections, and chats in each section. */
  sections: 30,
  sectionChats: 500,
  sectionName: 64,
  /** Words that a user watches, and characters of each. */
  keywords: 30,
  keyword: 64,
  /** Bytes of all settings of a user as JSON. Each change is an entry in the stream of the user and must fit a frame. */
  settings: 48 * 1024,
  /** Characters of a search query. */
  searchQuery: 1000,
  /** Terms of a search query. */
  searchTerms: 32,
  /** The unread count of a chat stops here; the page shows "99+" long before. */
  unread: 1000,
  /** Receipts and typing are published live only in chats of at most this many members. */
  liveReceiptMembers: 50,
  /** A client that wants `interest` gets the presence of the users in chats of at most this many members. */
  smallChatMembers: 100,
  /** Further users whose presence such a client can watch. */
  watchedUsers: 300,
  /** From this number of users on `hello` says that the hub is large. */
  largeHubUsers: 2000,
  /** How long a message can be edited, and a deletion undone. */
  editHours: 24,
  undeleteSeconds: 10,
  /** Different reactions on one message. */
  reactions: 20,
  preview: 200,
  /** Every member can use @everyone and @here in groups of at most this many members. */
  broadcastMentionMembers: 12,
  bio: 500,
  statusText: 80,
  /** Avatar or group picture: bytes, and pixels of each side. */
  picture: { bytes: 512 * 1024, side: 1024 },
  /** Attachments of a message. */
  attachments: 10,
  /** Range of the settings: bytes of a file, and total bytes of the files of a user. */
  fileBytes: { min: 1024 * 1024, max: 8 * 1024 ** 3 - 1 },
  userBytes: { min: 1024 * 1024, max: 1024 ** 5 },
} as const

export const Id = Type.String({ minLength: 1, maxLength: 64, description: 'an id that the hub created' })
/** Integer milliseconds since 1970. For display only: order never depends on clocks. */
export const Time = Type.Integer({ description: 'milliseconds since 1970' })
/** A time that a client asks for. */
export const TimeInput = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'milliseconds since 1970',
})
export const MessageNumber = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
export const Limit = Type.Integer({ minimum: 1, description: 'values above the maximum are lowered to it' })
/** A UUID of any version. The client creates it when the user sends a message. */
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
/** Who may register: users with an `invite`, everybody (`open`), everybody after `approval` by an admin, nobody (`closed`). */
export const Registration = Type.Union([
  Type.Literal('invite'),
  Type.Literal('open'),
  Type.Literal('approval'),
  Type.Literal('closed'),
])
export type Registration = Static<typeof Registration>
export const Visibility = Type.Union([Type.Literal('public'), Type.Literal('private')])
export type Visibility = Static<typeof Visibility>
/** Who may write in a chat: all members, or (an announcement group) its owner and admins only. */
export const Posting = Type.Union([Type.Literal('all'), Type.Literal('admins')])
export type Posting = Static<typeof Posting>
/** Who may add users to a group: all members, or its owner and admins only. */
export const Adding = Type.Union([Type.Literal('all'), Type.Literal('admins')])
export type Adding = Static<typeof Adding>

/** The raw body of a request. */
export const Bytes = Type.Unsafe<Uint8Array>(Type.Unknown({ description: 'the raw body' }))
/** A response that is not JSON. */
export interface BinaryContent {
  type: string
  bytes: Uint8Array
}
export const BinaryContent = Type.Unsafe<BinaryContent>(Type.Unknown({ description: 'the picture itself' }))

/** Bytes that the hub has stored. */
export interface ServedContent {
  /** Looks whether they are all there, and throws an error for the client if not. */
  check(): Promise<void>
  /** Opens a part, its last byte included; throws as `check`. `isWhole`, after its end: nothing was lacking. */
  open(part: {
    start: number
    end: number
  }): Promise<{ stream: AsyncIterable<Uint8Array>; isWhole: () => boolean }>
}

/** A response that is a stored file, sent as a stream. */
export interface ServedFile {
  content: ServedContent
  size: number
  /** Detected from the content; only safe types are displayed inline. */
  type: string
  name: string
  /** Identifies this content; never used for other content. */
  etag: string
}
export const ServedFile = Type.Unsafe<ServedFile>(Type.Unknown({ description: 'the file itself' }))

/** Unknown members are refused in requests and never sent in responses. */
export const strict = { additionalProperties: false } as const

export const EmptyObject = Type.Object({}, strict)
