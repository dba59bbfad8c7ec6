// What can be done with a message. One line here, and it stands in the toolbar or the menu, has its key and its name.
import type { ChatSummary } from '../../shared/contract/chats.ts'
import type { Hub } from '../state/hub.ts'
import type { MessageItem } from '../state/message-item.ts'
import { t } from '../text/t.ts'
import { copyText } from '../ui/copy.ts'
import { notify } from '../ui/hb-toasts.ts'
import type { IconName } from '../ui/icons.ts'
import { linkOfMessage } from './message-links.ts'

/** Where a message is shown, and what it can be told there. */
export interface ActionPlace {
  readonly hub: Hub
  readonly chat: ChatSummary
  /** In a thread: the number of the message that it hangs on. */
  readonly threadNo?: number | undefined
  /** Any element within the shell. */
  readonly from: HTMLElement
}

export interface MessageAction {
  readonly name: string
  readonly label: (item: MessageItem) => string
  readonly icon: IconName
  /** Pressed while a row has the focus. */
  readonly key?: string
  /** `bar`: at the top right of the row as well. All stand in the menu, in groups. */
  readonly bar?: true
  readonly group: number
  readonly danger?: true
  readonly when: (item: MessageItem, place: ActionPlace) => boolean
  /** `row`: to stand something beside. */
  readonly run: (item: MessageItem, place: ActionPlace, row: HTMLElement) => unknown
}

/** An action on one message, ready to be done. */
export interface BoundAction extends Pick<
  MessageAction,
  'name' | 'icon' | 'key' | 'bar' | 'group' | 'danger'
> {
  readonly label: string
  readonly run: (row: HTMLElement) => unknown
}

const isThere = (item: MessageItem): boolean => item.id !== undefined && !item.deleted

const actions: readonly MessageAction[] = [
  {
    name: 'copy-text',
    label: () => t('actions.copyText'),
    icon: 'copy',
    key: 'c',
    group: 1,
    when: (item) => !item.deleted && item.text !== '',
    run: (item, { from }) => void copyAndSay(item.text, t('actions.textCopied'), from),
  },
  {
    name: 'copy-link',
    label: () => t('actions.copyLink'),
    icon: 'link',
    key: 'l',
    group: 1,
    when: isThere,
    run: (item, place) => void copyAndSay(linkOf(item, place), t('actions.linkCopied'), place.from),
  },
]

export function actionsOn(item: MessageItem, place: ActionPlace): readonly BoundAction[] {
  return actions
    .filter((action) => action.when(item, place))
    .map((action) => ({
      ...action,
      label: action.label(item),
      run: (row: HTMLElement) => action.run(item, place, row),
    }))
}

function linkOf(item: MessageItem, { chat, threadNo }: ActionPlace): string {
  const no = item.no ?? 0
  return threadNo === undefined ? linkOfMessage(chat.id, no) : linkOfMessage(chat.id, threadNo, no)
}

async function copyAndSay(text: string, done: string, from: HTMLElement): Promise<void> {
  notify(from, { text: (await copyText(text)) ? done : t('actions.notCopied') })
}
