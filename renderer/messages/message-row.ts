import { html, nothing } from 'lit'
import { summarizeFiles } from '../../shared/text/file-names.ts'
import { textOfBlocks } from '../../shared/text/plain-text.ts'
import type { MessageItem, MessageState, ReceiptCounts } from '../state/message-item.ts'
import { filesSummary } from '../files/file-display.ts'
import { messageFiles } from '../files/message-files.ts'
import { t } from '../text/t.ts'
import { clockTime, exactTime } from '../text/time.ts'
import { reactionRow } from '../reactions/reaction-row.ts'
import { renderQuote, threadSummary } from './reply-parts.ts'
import { nameMarks } from '../users/name-marks.ts'
import type { IconName } from '../ui/icons.ts'
import { blocksOf, messageText, type NameResolver } from './message-text.ts'
import { mentionsMe } from './name-resolver.ts'
import { isLong, isOnlyEmoji } from './text-utils.ts'
import type { TimelineContext } from './timeline-context.ts'

/** How a row is shown among the others. */
export interface RowFlags {
  /** The first of its group: it has the avatar and the name. */
  readonly isGroupStart: boolean
  /** The New divider is above it. */
  readonly isNew: boolean
  readonly expanded: boolean
  /** Tab leads to this row. */
  readonly isTabStop: boolean
  /** The delivery state is shown: no newer message of the user has the same one. */
  readonly showsState: boolean
  /** The composer answers or edits it. */
  readonly isInUse: boolean
  /** Requested by a link or a quote. */
  readonly highlighted: boolean
  /** The parent message above the replies of its thread: without its state and the summary of its thread. */
  readonly isParent?: true
}

interface Row extends RowFlags {
  readonly item: MessageItem
  readonly context: TimelineContext
  readonly authorName: string
  readonly names: NameResolver
  readonly isSaved: boolean
  /** The delivery state of the user's own message. */
  readonly state: MessageState | undefined
  /** In a group. */
  readonly receipts: ReceiptCounts | undefined
}

/**
 * One row. A template and not an element: its height has to be final as soon as the list has rendered, and a selection with
 * the mouse has to run across rows. The list handles clicks, by `data-action`.
 */
export function messageRow(item: MessageItem, context: TimelineContext, flags: RowFlags): unknown {
  const row: Row = {
    ...flags,
    item,
    context,
    authorName: item.author === undefined ? '' : context.nameOf(item.author),
    names: context.nameResolverOf(item),
    isSaved: context.isSaved(item),
    state: item.isMine && !flags.isParent ? context.stateOf(item) : undefined,
    receipts: item.isMine && !flags.isParent ? context.receiptsOf(item) : undefined,
  }
  return html`
    ${row.isNew ? html`<div class="new" role="separator"><span>${t('messages.new')}</span></div>` : nothing}
    <article
      class=${rowClasses(row)}
      data-key=${item.key}
      tabindex=${row.isTabStop ? '0' : '-1'}
      aria-label=${rowLabel(row)}
    >
      ${row.isGroupStart ? avatarButton(row) : marginTime(item)}
      <div class="body">
        ${row.isGroupStart ? byline(row) : nothing} ${pinnedAndSavedMarks(row)} ${renderQuote(item, context)}
        ${rowContent(row)} ${reactionRow(item, context.myId, context.nameOf)}
        ${row.isParent ? nothing : threadSummary(item, context)}
        ${item.pending === 'failed' ? sendError(item) : item.pending ? waitReason(item) : nothing}
      </div>
    </article>
  `
}

function rowClasses({ item, isGroupStart, highlighted, isInUse, isParent, names }: Row): string {
  const classes = [
    'row',
    isGroupStart ? 'first' : '',
    item.isMine ? 'own' : '',
    item.pending ?? '',
    highlighted ? 'found' : '',
    isInUse ? 'in-use' : '',
    !item.isMine && !isParent && mentionsMe(item.text, names) ? 'calls' : '',
  ]
  return classes.filter(Boolean).join(' ')
}

/** The text without marks, and a summary of the files; both may be empty. */
function messageWords(item: MessageItem, { mentionText }: Pick<TimelineContext, 'mentionText'>): string[] {
  return [
    textOfBlocks(blocksOf(item.text), mentionText),
    filesSummary(summarizeFiles(item.attachments).files),
  ]
}

/**
 * The words for a message that has arrived, for screen readers: they do not read rows that come into view by scrolling.
 * Undefined if the last message was there before, or is the user's own.
 */
export function arrivalWords(
  before: readonly MessageItem[],
  items: readonly MessageItem[],
  context: TimelineContext,
): string | undefined {
  const last = items.at(-1)
  if (!last?.author || last.isMine || last.key === before.at(-1)?.key) return undefined
  const [words, files] = messageWords(last, context)
  return `${context.nameOf(last.author)}: ${words || files}`
}

function rowLabel(row: Row): string {
  const { item, authorName, isSaved, context } = row
  const [text = '', files = ''] = messageWords(item, context)
  const words = [authorName, item.deleted ? t('messages.deleted') : text, files]
  if (item.at !== undefined) words.push(clockTime(item.at))
  if (item.pinned) words.push(t('pins.pinned'))
  if (isSaved) words.push(t('saved.isSaved'))
  if (row.state) words.push(stateText(row))
  return words.filter(Boolean).join(', ')
}

const stateIcons = {
  sending: 'clock',
  failed: 'alert',
  sent: 'check',
  delivered: 'check-check',
  read: 'check-check',
} as const

function stateText({ state = 'sent', receipts }: Row): string {
  if (!receipts || receipts.total === 1) return t(`messages.${state}`)
  const { total, read, delivered } = receipts
  if (read === total) return t('messages.readByAll', { total })
  if (read > 0) return t('messages.readBySome', { read, total, delivered })
  return delivered > 0 ? t('messages.deliveredToSome', { delivered, total }) : t('messages.receivedByNone')
}

/** After the last word. How many have read it is drawn by the style, so that it is not copied with the text. */
function stateMark(row: Row): unknown {
  const { state, receipts } = row
  if (!state || !row.showsState) return nothing
  const isPartlyRead = receipts && receipts.read > 0 && receipts.read < receipts.total
  const isOnHub = state === 'sent' || state === 'delivered' || state === 'read'
  // A shortcut for the pointer; by keyboard the menu has it.
  return html`<span
    class="state ${state}"
    data-action=${isOnHub ? 'read-by' : nothing}
    data-tip=${stateText(row)}
    data-count=${isPartlyRead ? receipts.read : nothing}
    ><hb-icon name=${stateIcons[state]} .size=${14}></hb-icon
  ></span>`
}

/** The label of the row contains this too. */
function pinnedAndSavedMarks({ item: { pinned }, isSaved }: Row): unknown {
  if (!pinned && !isSaved) return nothing
  const mark = (icon: IconName, words: string) =>
    html`<span><hb-icon name=${icon} .size=${12}></hb-icon>${words}</span>`
  return html`<p class="marks">
    ${pinned ? mark('pin', t('pins.pinned')) : nothing}
    ${isSaved ? mark('bookmark', t('saved.isSaved')) : nothing}
  </p>`
}

function avatarButton({ item: { author }, authorName, context }: Row): unknown {
  return html`<button class="face" data-action="user" tabindex="-1" aria-hidden="true">
    <hb-avatar
      .userId=${author ?? ''}
      .joined=${context.userOf(author ?? '')?.joined}
      .name=${authorName}
      .picture=${author === undefined ? '' : context.avatarAddress(author)}
    ></hb-avatar>
  </button>`
}

/** The name is no tab stop, of which a screen would have dozens: the menu of the row leads to the profile. */
function byline({ item: { author, at }, authorName, context }: Row): unknown {
  const user = author === undefined ? undefined : context.userOf(author)
  return html`<header>
    <button class="name" dir="auto" data-action="user" tabindex="-1"><bdi>${authorName}</bdi></button
    >${nameMarks(user)}
    ${
      at === undefined
        ? nothing
        : html`<time datetime=${new Date(at).toISOString()} data-tip=${exactTime(at)}>
            ${clockTime(at)}
          </time>`
    }
  </header>`
}

function marginTime({ at }: MessageItem): unknown {
  if (at === undefined) return html`<span></span>`
  return html`<time class="aside" data-tip=${exactTime(at)}>${clockTime(at)}</time>`
}

function rowContent(row: Row): unknown {
  const { item } = row
  if (item.deleted) return html`<p class="deleted">${t('messages.deleted')}</p>`
  const files = messageFiles(item, row.context.files)
  // Files may come without text.
  if (item.text === '' && files !== nothing) return [files, editedMark(item), stateMark(row)]
  return [messageBody(row), files]
}

function messageBody(row: Row): unknown {
  const { item, expanded, names } = row
  const long = isLong(item.text)
  const folded = long && !expanded
  const classes = `text${isOnlyEmoji(item.text) ? ' emoji' : ''}${folded ? ' folded' : ''}`
  // What is folded hides its end.
  const end = long ? editedMark(item) : [editedMark(item), stateMark(row)]
  return html`<div class=${classes} dir="auto">${messageText(item.text, names, end)}</div>
    ${
      long
        ? html`<button class="fold" data-action="unfold" aria-expanded=${expanded ? 'true' : 'false'}>
              ${expanded ? t('messages.showLess') : t('messages.showMore')}</button
            >${stateMark(row)}`
        : nothing
    }`
}

function editedMark(item: MessageItem): unknown {
  if (item.editing === 'waiting') {
    return html`<span class="edited waiting" data-tip=${t('composer.editWaits')}>
      ${t('messages.edited')} · ${t('messages.waiting')}
    </span>`
  }
  if (item.editing === 'sending') return html`<span class="edited">${t('messages.edited')}</span>`
  if (item.editedAt === undefined) return nothing
  return html`<span class="edited" data-tip=${exactTime(item.editedAt)}>${t('messages.edited')}</span>`
}

/** The outbox sends it again by itself. */
function waitReason({ reason }: MessageItem): unknown {
  if (reason === undefined) return nothing
  return html`<p class="trouble" role="status">${reason} ${t('messages.sendsItself')}</p>`
}

function sendError(item: MessageItem): unknown {
  return html`<p class="trouble">
    <span role="alert">${item.reason ?? t('messages.notSent')}</span>
    <button data-action="retry">${t('messages.retry')}</button>
    <button data-action="discard">${t('messages.discard')}</button>
  </p>`
}
