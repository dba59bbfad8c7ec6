import { openChat } from '../navigation/dialogs.ts'
import { isPlainClick } from '../navigation/navigate-on-click.ts'
import type { LinkTarget } from '../navigation/message-links.ts'
import type { MessageItem } from '../state/message-item.ts'
import { handleTextAction } from './message-text.ts'

export interface RowClickOptions {
  /** Dispatches the events that `hb-message-list` documents. */
  host: HTMLElement
  itemOf: (key: string | undefined) => MessageItem | undefined
  linkTargetOf: (link: HTMLAnchorElement) => LinkTarget | undefined
  toggleExpanded: (item: MessageItem) => void
}

/** Handles a click on a link within the page, or on a part of a row with `data-action`. */
export function handleRowClick(event: MouseEvent, options: RowClickOptions): void {
  const { host } = options
  const target = event.target as HTMLElement
  const link = target.closest('a')
  const linkTarget = link ? options.linkTargetOf(link) : undefined
  if (linkTarget && isPlainClick(event)) {
    event.preventDefault()
    openChat(host, linkTarget.chatId, linkTarget)
    return
  }
  const action = target.closest<HTMLElement>('[data-action]')?.dataset.action
  const item = options.itemOf(target.closest<HTMLElement>('article')?.dataset.key)
  if (!action || !item || handleTextAction(host, action, target)) return
  if (action === 'unfold') options.toggleExpanded(item)
  else host.dispatchEvent(rowEvent(action, item, target))
}

function rowEvent(action: string, item: MessageItem, target: HTMLElement): CustomEvent {
  switch (action) {
    case 'react':
    case 'thread': {
      const emoji = target.closest<HTMLElement>('[data-emoji]')?.dataset.emoji ?? ''
      return new CustomEvent(`hb-${action}`, { detail: { item, emoji } })
    }
    case 'jump': {
      const { no, id } = (target.closest('[data-no]') as HTMLElement).dataset
      return new CustomEvent('hb-jump', { detail: { no: Number(no), id } })
    }
    case 'read-by':
      return new CustomEvent('hb-read-by', { detail: { item } })
    case 'user':
      return new CustomEvent('hb-open-user', { detail: { userId: item.author } })
    case 'view': {
      const fileId = target.closest<HTMLElement>('[data-file]')?.dataset.file
      return new CustomEvent('hb-open-file', { detail: { fileId } })
    }
    case 'choose-file': {
      const uploadId = target.closest<HTMLElement>('[data-upload]')?.dataset.upload
      return new CustomEvent('hb-choose-file', { detail: { uploadId } })
    }
    default:
      return new CustomEvent(`hb-${action}`, { detail: { cid: item.cid } })
  }
}
