import { html, nothing } from 'lit'
import { filesInShort } from '../../shared/text/file-names.ts'
import { wordsOfBlocks } from '../../shared/text/markdown.ts'
import type { MessageItem, MessageState } from '../state/message-item.ts'
import { filesInWords } from '../files/file-words.ts'
import { type FilesView, messageFiles } from '../files/message-files.ts'
import { t } from '../text/t.ts'
import { clockTime, exactTime } from '../text/time.ts'
import { reactionRow } from '../reactions/reaction-row.ts'
import { quoteOf, threadLine } from '../threads/answer-parts.ts'
import { botMark } from '../ui/bot-mark.ts'
import type { IconName } from '../ui/icons.ts'
import { blocksOf, messageText, type TextNames } from './message-text.ts'
import { isLong, isOnlyEmoji } from './text-parts.ts'

export interface RowContext {
  /** The first of its group: it carries avatar and name. */
  readonly first: boolean
  /** The New divider stands above it. */
  readonly isNew: boolean
  readonly name: string
  /** A program writes under this name. */
  readonly bot: boolean
  /** Address of the author's picture, or ''. */
  readonly picture: string
  /** How far it has come, for one of mine. */
  readonly state: MessageState | undefined
  readonly unfolded: boolean
  /** Where Tab comes into the list. */
  readonly current: boolean
  /** I keep it for later. */
  readonly saved: boolean
  /** Was asked for, by a link or a quote. */
  readonly found: boolean
  /** What the names in its text stand for. */
  readonly names: TextNames
  /** How its files are shown. */
  readonly files: FilesView | undefined
  /** Somebody else calls me in it. */
  readonly callsMe: boolean
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
    row.first ? 'first' : '',
    item.mine ? 'own' : '',
    item.pending ?? '',
    row.found ? 'found' : '',
    row.callsMe ? 'calls' : '',
  ]
  return html`
    ${row.isNew ? html`<div class="new" role="separator"><span>${t('messages.new')}</span></div>` : nothing}
    <article
      class=${classes.filter(Boolean).join(' ')}
      data-key=${item.key}
      tabindex=${row.current ? '0' : '-1'}
      aria-label=${label(item, row)}
    >
      ${row.first ? face(item, row) : asideTime(item)}
      <div class="body">
        ${row.first ? byline(item, row) : nothing} ${keptMarks(item, row)} ${quoteOf(item, row)}
        ${content(item, row)} ${reactionRow(item, row.me, row.nameOf)} ${threadLine(item, row)}
        ${item.pending === 'failed' ? trouble(item) : nothing}
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

function label(item: MessageItem, row: RowContext): string {
  const words = [
    row.name,
    item.deleted ? t('messages.deleted') : wordsOfBlocks(blocksOf(item.text)),
    filesInWords(filesInShort(item.attachments).files),
  ]
  if (item.at !== undefined) words.push(clockTime(item.at))
  if (item.pinned) words.push(t('keeping.pinned'))
  if (row.saved) words.push(t('keeping.isSaved'))
  if (row.state) words.push(t(`messages.${row.state}`))
  return words.filter(Boolean).join(', ')
}

/** Said once already, in the label of the row. */
function keptMarks({ pinned }: MessageItem, { saved }: RowContext): unknown {
  if (!pinned && !saved) return nothing
  const mark = (icon: IconName, words: string) =>
    html`<span><hb-icon name=${icon} .size=${12}></hb-icon>${words}</span>`
  return html`<p class="marks">
    ${pinned ? mark('pin', t('keeping.pinned')) : nothing}
    ${saved ? mark('bookmark', t('keeping.isSaved')) : nothing}
  </p>`
}

function face(item: MessageItem, { name, picture }: RowContext): unknown {
  return html`<button class="face" data-action="person" tabindex="-1" aria-hidden="true">
    <hb-avatar .userId=${item.author ?? ''} .name=${name} .picture=${picture}></hb-avatar>
  </button>`
}

function byline(item: MessageItem, { name, bot }: RowContext): unknown {
  return html`<header>
    <button class="name" dir="auto" data-action="person"><bdi>${name}</bdi>${botMark({ bot })}</button>
    ${
      item.at === undefined
        ? nothing
        : html`<time datetime=${new Date(item.at).toISOString()} title=${exactTime(item.at)}>
            ${clockTime(item.at)}
          </time>`
    }
  </header>`
}

function asideTime(item: MessageItem): unknown {
  if (item.at === undefined) return html`<span></span>`
  return html`<time class="aside" title=${exactTime(item.at)}>${clockTime(item.at)}</time>`
}

function content(item: MessageItem, row: RowContext): unknown {
  if (item.deleted) return html`<p class="deleted">${t('messages.deleted')}</p>`
  const files = messageFiles(item, row.files)
  // files may come without words
  return item.text === '' && files !== nothing ? [files, editedMark(item)] : [words(item, row), files]
}

function words(item: MessageItem, { unfolded, names }: RowContext): unknown {
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
    return html`<span class="edited waiting" title=${t('writing.waits')}>
      ${t('messages.edited')} · ${t('messages.waiting')}
    </span>`
  }
  if (item.editing === 'sending') return html`<span class="edited">${t('messages.edited')}</span>`
  if (item.editedAt === undefined) return nothing
  return html`<span class="edited" title=${exactTime(item.editedAt)}>${t('messages.edited')}</span>`
}

function trouble(item: MessageItem): unknown {
  return html`<p class="trouble">
    <span role="alert">${item.reason ?? t('messages.notSent')}</span>
    <button data-action="retry">${t('messages.retry')}</button>
    <button data-action="discard">${t('messages.discard')}</button>
  </p>`
}
