import { html, nothing } from 'lit'
import type { Message } from '../../shared/contract/messages.ts'
import type { Hit } from '../../shared/contract/search.ts'
import { plainTextWithRanges } from '../../shared/text/plain-text.ts'
import type { ChatSummary } from '../../shared/contract/chats.ts'
import { isNotes, isUnnamed } from '../state/chat-names.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import { exactTime, listTime } from '../text/time.ts'
import '../ui/hb-icon.ts'
import type { IconName } from '../ui/icons.ts'
import { nowWatchingDay } from '../signals/current-day.ts'
import { userAvatar } from '../users/avatars.ts'

export interface ResultRowOptions {
  /** Shows the text around its highlights instead of all of it. */
  excerpt?: Pick<Hit, 'highlights'>
  /** A line under its text. Such a row is read in the list, so its picture is shown and not only named. */
  footer?: unknown
}

/** A message in a list that leads to its place. */
export function resultRow(
  hub: Hub,
  message: Message,
  open: () => void,
  { excerpt, footer }: ResultRowOptions = {},
): unknown {
  const name = hub.users.nameOf(message.author)
  const words = excerpt
    ? markedExcerpt(plainTextWithRanges(message.text, excerpt.highlights, hub.users.mentionText))
    : hub.plainText(message.text)
  const [file, ...others] = message.attachments
  const picture = footer === undefined ? undefined : message.attachments.find(({ preview }) => preview)
  return html`<button class="hit" type="button" data-message=${message.id} @click=${open}>
    ${userAvatar(hub, message.author)}
    <div>
      <div class="who">
        <bdi>${name}</bdi>
        <time data-tip=${exactTime(message.at)}>${listTime(message.at, nowWatchingDay())}</time>
      </div>
      ${message.text === '' ? nothing : html`<p dir="auto">${words}</p>`}
      ${picture ? html`<img src=${hub.fileAddress(picture.id, 'list')} alt=${picture.name} loading="lazy" decoding="async" />` : nothing}
      ${
        file && !(picture && others.length === 0)
          ? html`<p class="file">
              <hb-icon name="attach" .size=${14}></hb-icon
              ><bdi>${others.length > 0 ? `${file.name} +${others.length}` : file.name}</bdi>
            </p>`
          : nothing
      }
      ${footer === undefined ? nothing : html`<p class="below">${footer}</p>`}
    </div>
  </button>`
}

export interface RemovableRow {
  open: () => void
  /** A line under its text. */
  footer: unknown
  /** Removes the row from this list. */
  remove?: { label: string; run: () => void }
}

/** A result row with a button that removes it, for pins and saved messages. */
export function removableResultRow(
  hub: Hub,
  message: Message,
  { open, footer, remove: away }: RemovableRow,
): unknown {
  return html`<div class="kept" role="listitem">
    ${resultRow(hub, message, open, { footer })}
    ${
      away
        ? html`<button
            class="icon-button away"
            aria-label=${away.label}
            data-tip=${away.label}
            @click=${away.run}
          >
            <hb-icon name="close" .size=${14}></hb-icon>
          </button>`
        : nothing
    }
  </div>`
}

/** Up and down move, Delete removes: the focus then goes to the row that takes its place. */
export function handleRemovableRowKey(root: ParentNode, event: KeyboardEvent): void {
  const rows = [...root.querySelectorAll<HTMLElement>('.hit')]
  if (event.key !== 'Delete') {
    moveRowFocus(rows, event, () => undefined)
    return
  }
  const at = rows.findIndex((row) => row === event.target)
  const away = rows[at]?.parentElement?.querySelector<HTMLElement>('.away')
  if (!away) return
  event.preventDefault()
  const next = rows[at + 1] ?? rows[at - 1]
  next?.focus()
  away.click()
}

/** Text before the first match that still fits into the lines of a row. */
const maxLeadCharacters = 80
const minLeadCharacters = 30
/** More than the lines of a row can hold. */
const maxExcerptCharacters = 400

/** Returns the text from near its first mark, with all matches marked. */
function markedExcerpt({ text, ranges }: ReturnType<typeof plainTextWithRanges>): unknown[] {
  // one space for each character, so that the offsets stay valid
  const line = text.replace(/\s/g, ' ').slice(0, maxExcerptCharacters + (ranges[0]?.start ?? 0))
  let at = excerptStart(line, ranges[0]?.start ?? 0)
  const parts: unknown[] = at > 0 ? ['…'] : []
  for (const range of ranges) {
    const from = Math.max(at, range.start)
    const to = Math.min(line.length, range.end)
    if (from >= to) continue
    parts.push(line.slice(at, from), html`<mark>${line.slice(from, to)}</mark>`)
    at = to
  }
  parts.push(line.slice(at))
  return parts
}

/** Start of the excerpt, so that the first mark is in view: at the start of a word, if there is one near. */
function excerptStart(line: string, firstMark: number): number {
  if (firstMark <= maxLeadCharacters) return 0
  const from = firstMark - minLeadCharacters
  const space = line.indexOf(' ', from)
  return space >= 0 && space < firstMark ? space + 1 : from
}

/** The heading over the first of several results of the same chat. */
export function chatTitle(hub: Hub, chatId: string): unknown {
  return html`<h3 class="place">${chatLabel(hub, chatId)}</h3>`
}

function chatIcon(chat: ChatSummary): IconName {
  if (isNotes(chat)) return 'bookmark'
  if (isUnnamed(chat)) return 'users'
  return chat.kind === 'direct' ? 'user' : chat.visibility === 'private' ? 'lock' : 'hash'
}

export function chatLabel(hub: Hub, chatId: string): unknown {
  const chat = hub.chats.get(chatId)
  const name = chat ? hub.chats.nameOf(chat) : ''
  const icon = chat ? chatIcon(chat) : 'hash'
  return html`<hb-icon name=${icon} .size=${14}></hb-icon><bdi>${name}</bdi>`
}

/** Moves up and down through rows, and out of them at the top. Returns true if the key was handled. */
export function moveRowFocus(rows: readonly HTMLElement[], event: KeyboardEvent, leave: () => void): boolean {
  const at = rows.findIndex((row) => row === event.target)
  const places: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }
  const to = places[event.key]
  if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return false
  event.preventDefault()
  if (to < 0) leave()
  else rows[Math.min(to, rows.length - 1)]?.focus()
  return true
}

export function resultCountText(count: number, more: boolean): string {
  return more ? t('search.foundMore', { count }) : t('search.found', { count })
}
