import { messageFilesStyles } from '../files/files-styles.ts'
import { reactionStyles } from '../reactions/reaction-row.ts'
import { baseStyles } from '../styles/shared.ts'
import { nameMarksStyles } from '../users/name-marks.ts'
import { eventLineStyles } from './event-lines.ts'
import { messageListStyles } from './message-list-styles.ts'
import { replyStyles } from './reply-parts.ts'
import { rowStyles } from './row-styles.ts'
import { swipeToReplyStyles } from './swipe-to-reply.ts'
import { textStyles } from './text-styles.ts'

/** Rows are templates in the list and not elements, so the list has the styles of everything that a row shows. */
export const allListStyles = [
  baseStyles,
  nameMarksStyles,
  messageListStyles,
  rowStyles,
  swipeToReplyStyles,
  textStyles,
  messageFilesStyles,
  reactionStyles,
  replyStyles,
  eventLineStyles,
]
