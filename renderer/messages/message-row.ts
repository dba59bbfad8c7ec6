import { html, nothing } from 'lit'
import { summarizeFiles } from '../../shared/text/file-names.ts'
import { textOfBlocks } from '../../shared/text/markdown.ts'
import type { MessageItem, MessageState } from '../state/message-item.ts'
import { filesSummary } from '../files/file-display.ts'
import { type FilesView, messageFiles } from '../files/message-files.ts'
import { t } from '../text/t.ts'
import { clockTime, exactTime } from '../text/time.ts'
import { reactionRow } from '../reactions/reaction-row.ts'
import { renderQuote, threadSummary } from './reply-parts.ts'
import { botBadge } from '../ui/bot-badge.ts'
import type { IconName } from '../ui/icons.ts'
import { blocksOf, messageText, type NameResolver } from './message-text.ts'
import { isLong, isOnlyEmoji } from './text-utils.ts'

export interface RowContext {
  /** The first of its group: it carries avatar and name. */
  readonly isGroupStart: boolean
  /** The New divider stands above it. */
  readonly isNew: boolean
  readonly name: string
  /** A program writes under this name. */
  readonly isBot: boolean
  /** Address of the author's picture, or ''. */
  readonly picture: string
  /** How far it has come, for one of mine. */
  readonly state: MessageState | undefined
  readonly expanded: boolean
  /** Where Tab comes into the list. */
  readonly isTabStop: boolean
  /** I keep it for later. */
  readonly isSaved: boolean
  /** Was asked for, by a link or a quote. */
  readonly highlighted: boolean
  /** What the names in its text stand for. */
  readonly names: NameResolver
  /** How its files are shown. */
  readonly files: FilesView | undefined
  /** Somebody else calls me in it. */
  readonly mentionsMe: boolean
  readonly me: string
  readonly nameOf: (userId: string) => string
  readonly pictureOf: (userId: string) => string
}

/**
 * One row. A template and not an element: its height has to be true the moment the list has rendered, and a selection
 * with the mouse has to run across rows. Clicks are heard by the list, by `data-action`.
 */
export function messageRow(item: MessageItem, row: RowContext): unknown {
  const { state } = row
  const classes = [
    'row',
    row.isGroupStart ? 'first' : '',
    item.isMine ? 'own' : '',
    item.pending ?? '',
    row.highlighted ? 'found' : '',
    row.mentionsMe ? 'calls' : '',
  ]
  return html`
    ${row.isNew ? html`<div class="new" role="separator"><span>${t('messages.new')}</span></div>` : nothing}
    <article
      class=${classes.filter(Boolean).join(' ')}
      data-key=${item.key}
      tabindex=${row.isTabStop ? '0' : '-1'}
      aria-label=${rowLabel(item, row)}
    >
      ${row.isGroupStart ? avatarButton(item, row) : marginTime(item)}
      <div class="body">
        ${row.isGroupStart ? byline(item, row) : nothing} ${pinnedAndSavedMarks(item, row)}
        ${renderQuote(item, row)} ${rowContent(item, row)} ${reactionRow(item, row.me, row.nameOf)}
        ${threadSummary(item, row)} ${item.pending === 'failed' ? sendError(item) : nothing}
      </div>
      ${
        state
          ? html`<span class="state ${state}" title=${t(`messages.${state}`)}>
              <hb-icon name=${stateIcons[state]} .size=${14}></hb-icon>
            </span>`
          : nothing
      }
    </article>
  `
}

const stateIcons = {
  sending: 'clock',
  failed: 'alert',
  sent: 'check',
  delivered: 'check-check',
  read: 'check-check',
} as const

function rowLabel(item: MessageItem, row: RowContext): string {
  const words = [
    row.name,
    item.deleted ? t('messages.deleted') : textOfBlocks(blocksOf(item.text)),
    filesSummary(summarizeFiles(item.attachments).files),
  ]
  if (item.at !== undefined) words.push(clockTime(item.at))
  if (item.pinned) words.push(t('pins.pinned'))
  if (row.isSaved) words.push(t('saved.isSaved'))
  if (row.state) words.push(t(`messages.${row.state}`))
  return words.filter(Boolean).join(', ')
}

/** Said once already, in the label of the row. */
function pinnedAndSavedMarks({ pinned }: MessageItem, { isSaved: saved }: RowContext): unknown {
  if (!pinned && !saved) return nothing
  const mark = (icon: IconName, words: string) =>
    html`<span><hb-icon name=${icon} .size=${12}></hb-icon>${words}</span>`
  return html`<p class="marks">
    ${pinned ? mark('pin', t('pins.pinned')) : nothing}
    ${saved ? mark('bookmark', t('saved.isSaved')) : nothing}
  </p>`
}

function avatarButton(item: MessageItem, { name, picture }: RowContext): unknown {
  return html`<button class="face" data-action="person" tabindex="-1" aria-hidden="true">
    <hb-avatar .userId=${item.author ?? ''} .name=${name} .picture=${picture}></hb-avatar>
  </button>`
}

function byline(item: MessageItem, { name, isBot: bot }: RowContext): unknown {
  return html`<header>
    <button class="name" dir="auto" data-action="person"><bdi>${name}</bdi>${botBadge({ bot })}</button>
    ${
      item.at === undefined
        ? nothing
        : html`<time datetime=${new Date(item.at).toISOString()} title=${exactTime(item.at)}>
            ${clockTime(item.at)}
          </time>`
    }
  </header>`
}

function marginTime(item: MessageItem): unknown {
  if (item.at === undefined) return html`<span></span>`
  return html`<time class="aside" title=${exactTime(item.at)}>${clockTime(item.at)}</time>`
}

function rowContent(item: MessageItem, row: RowContext): unknown {
  if (item.deleted) return html`<p class="deleted">${t('messages.deleted')}</p>`
  const files = messageFiles(item, row.files)
  // files may come without words
  return item.text === '' && files !== nothing ? [files, editedMark(item)] : [messageBody(item, row), files]
}

function messageBody(item: MessageItem, { expanded: unfolded, names }: RowContext): unknown {
  const long = isLong(item.text)
  const folded = long && !unfolded
  const classes = `text${isOnlyEmoji(item.text) ? ' emoji' : ''}${folded ? ' folded' : ''}`
  return html`<div class=${classes} dir="auto">${messageText(item.text, names, editedMark(item))}</div>
    ${
      long
        ? html`<button class="fold" data-action="unfold" aria-expanded=${unfolded ? 'true' : 'false'}>
            ${unfolded ? t('messages.showLess') : t('messages.showMore')}
          </button>`
        : nothing
    }`
}

function editedMark(item: MessageItem): unknown {
  if (item.editing === 'waiting') {
    return html`<span class="edited waiting" title=${t('composer.editWaits')}>
      ${t('messages.edited')} · ${t('messages.waiting')}
    </span>`
  }
  if (item.editing === 'sending') return html`<span class="edited">${t('messages.edited')}</span>`
  if (item.editedAt === undefined) return nothing
  return html`<span class="edited" title=${exactTime(item.editedAt)}>${t('messages.edited')}</span>`
}

function sendError(item: MessageItem): unknown {
  return html`<p class="trouble">
    <span role="alert">${item.reason ?? t('messages.notSent')}</span>
    <button data-action="retry">${t('messages.retry')}</button>
    <button data-action="discard">${t('messages.discard')}</button>
  </p>`
}
