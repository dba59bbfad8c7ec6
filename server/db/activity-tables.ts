import type { Generated } from 'kysely'
import type { ActivityKind } from '../../shared/contract/activity.ts'

/** What concerned a user: see server/activity/. */
export interface ActivityTable {
  /** Their order. */
  n: Generated<number>
  userId: string
  kind: ActivityKind
  chatId: string
  messageId: string
  byId: string
  /** '' unless it is a reaction. */
  emoji: string
  at: number
  /** When the user marked it as read; reading its chat does not set it. */
  readAt: Generated<number | null>
}

/** The keywords in the settings of all users, for the messages that are sent. */
export interface KeywordTable {
  userId: string
  word: string
}
