import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { User } from '../../shared/contract/users.ts'
import type { MentionText } from '../../shared/text/plain-text.ts'
import { createFilesView } from '../files/picture-viewer.ts'
import type { FilesView } from '../files/message-files.ts'
import { linkTargetOf, type LinkTarget } from '../navigation/message-links.ts'
import { openSidePanel } from '../navigation/side-panel.ts'
import type { Conversation } from '../state/conversation.ts'
import type { Hub } from '../state/hub.ts'
import type { MessageItem, MessageState, ReceiptCounts } from '../state/message-item.ts'
import type { Timeline } from '../state/timeline.ts'
import { t } from '../text/t.ts'
import { notify } from '../ui/hb-toasts.ts'
import { type ActionContext, actionsFor, type BoundAction, labelOfLetter } from './message-actions.ts'
import type { NameResolver } from './message-text.ts'
import { createNameResolver } from './name-resolver.ts'

/** The data that rows of a timeline need. All of it is watched, except for the actions and the link targets. */
export interface TimelineContext {
  readonly myId: string
  readonly nameOf: (userId: string) => string
  /** Address of the picture of a user, or ''. */
  readonly avatarAddress: (userId: string) => string
  readonly userOf: (userId: string) => User | undefined
  /** For a text without marks. */
  readonly mentionText: MentionText
  readonly isSaved: (item: MessageItem) => boolean
  readonly stateOf: (item: MessageItem) => MessageState | undefined
  readonly receiptsOf: (item: MessageItem) => ReceiptCounts | undefined
  /** Resolves the names in the text of a message. */
  readonly nameResolverOf: (item: MessageItem) => NameResolver
  readonly files: FilesView
  readonly actionsOf: (item: MessageItem) => readonly BoundAction[]
  /** Says that the action of a letter is not available; false if the letter is that of no action. */
  readonly refuseLetter: (item: MessageItem, letter: string, isPressed: boolean) => boolean
  /** The target of a link within the page. */
  readonly linkTargetOf: (link: HTMLAnchorElement) => LinkTarget | undefined
}

export interface TimelineContextOptions {
  hub: Hub
  /** The chat, also of a thread. */
  conversation: Conversation
  timeline: Timeline
  /** Any element within the shell. */
  from: HTMLElement
  /** The actions of the composer; undefined while the user may not write. */
  composerActions: () => { reply(item: MessageItem): void; edit(item: MessageItem): void } | undefined
}

export function createTimelineContext(options: TimelineContextOptions): TimelineContext {
  const { hub, conversation, timeline } = options
  return {
    get myId() {
      return hub.session.me.value?.id ?? ''
    },
    nameOf: (userId) => hub.users.nameOf(userId),
    avatarAddress: (userId) => hub.avatarAddress(userId),
    userOf: (userId) => hub.users.get(userId),
    mentionText: hub.users.mentionText,
    isSaved: ({ id }) => id !== undefined && hub.saved.ids.value.has(id),
    stateOf: (item) => timeline.stateOf(item),
    receiptsOf: (item) => timeline.receiptsOf(item),
    nameResolverOf: createNameResolver(hub, conversation),
    files: createFilesView(() => hub),
    actionsOf: (item) => {
      const chat = conversation.chat.peek()
      return chat ? actionsFor(item, actionContext(chat, options)) : []
    },
    refuseLetter: (item, letter, isPressed) => {
      const chat = conversation.chat.peek()
      const label = chat && labelOfLetter(letter, item, actionContext(chat, options), isPressed)
      if (label !== undefined) notify(options.from, { text: t('actions.notAvailable', { action: label }) })
      return label !== undefined
    },
    linkTargetOf: (link) => linkTargetOf(hub, link),
  }
}

function actionContext(
  chat: ChatSummary,
  { hub, conversation, timeline, from, composerActions }: TimelineContextOptions,
): ActionContext {
  const { threadId } = timeline
  const ofChat = {
    openThread: ({ id, replies }: MessageItem) =>
      id && openSidePanel(from, { kind: 'thread', id, from: replies ? 'view' : 'reply' }),
    markUnread: async ({ no = 0 }: MessageItem) => conversation.markUnread(no),
  }
  return {
    ...{ hub, chat, from, ...composerActions() },
    ...(threadId === undefined ? ofChat : { threadNo: hub.threads.get(threadId)?.message.no }),
  }
}
