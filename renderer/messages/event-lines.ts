// The quiet lines between messages: who came and went, and how the group changed.
import { css, html, nothing } from 'lit'
import type { ChatEvent } from '../state/chat-event.ts'
import type { MessageItem } from '../state/message-item.ts'
import { locale, t } from '../text/t.ts'
import { daysBetween, exactTime } from '../text/time.ts'
import { partitionPoint } from './virtual-window.ts'

export interface EventNames {
  readonly myId: string
  readonly nameOf: (userId: string) => string
}

/** Events before and after the message with this index. */
export interface PlacedEvents {
  readonly before: readonly ChatEvent[]
  readonly after: readonly ChatEvent[]
}

export interface LoadedMessages {
  readonly items: readonly MessageItem[]
  readonly hasOlder: boolean
  readonly hasNewer: boolean
}

/**
 * Places each event at a message next to it: after the one before it, unless only the next one is of its day. Events beyond
 * the loaded messages have no place yet.
 */
export function placeEvents(
  events: readonly ChatEvent[],
  { items, hasOlder, hasNewer }: LoadedMessages,
): ReadonlyMap<number, PlacedEvents> {
  const places = new Map<number, { before: ChatEvent[]; after: ChatEvent[] }>()
  const placeAt = (index: number) => {
    let place = places.get(index)
    if (!place) places.set(index, (place = { before: [], after: [] }))
    return place
  }
  const isOfDay = (event: ChatEvent, index: number): boolean => {
    const at = items[index]?.at
    return at !== undefined && daysBetween(event.at, at) === 0
  }
  for (const event of events) {
    const next = partitionPoint(items.length, (at) => (items[at]?.seq ?? Infinity) > event.seq)
    if ((next === 0 && hasOlder) || (items[next]?.seq === undefined && hasNewer)) continue
    const isLast = items[next]?.seq === undefined
    const goesBefore = next === 0 || (!isLast && !isOfDay(event, next - 1) && isOfDay(event, next))
    if (goesBefore) placeAt(next).before.push(event)
    else placeAt(next - 1).after.push(event)
  }
  return places
}

interface EventLine {
  readonly at: number
  readonly text: string
}

/** More lines than these are shown on request. */
const maxLines = 3
/** More names than these are counted. */
const maxNames = 4

export function eventLines(events: readonly ChatEvent[] | undefined, names: EventNames): unknown {
  if (!events || events.length === 0) return nothing
  const lines = toLines(events, names)
  if (lines.length === 0) return nothing
  const all = lines.map(
    ({ at, text }) => html`<p class="event" dir="auto"><span data-tip=${exactTime(at)}>${text}</span></p>`,
  )
  if (lines.length <= maxLines) return html`<div class="events">${all}</div>`
  return html`<details class="events">
    <summary class="event">${t('events.count', { count: lines.length })}</summary>
    ${all}
  </details>`
}

/** Events of one kind by one user, next to each other, are one line. */
function toLines(events: readonly ChatEvent[], names: EventNames): EventLine[] {
  const lines: EventLine[] = []
  for (let at = 0; at < events.length;) {
    const event = events[at] as ChatEvent
    let end = at + 1
    while (end < events.length && isSameKind(event, events[end] as ChatEvent)) end += 1
    const text = lineText(events.slice(at, end), names, events[at - 1])
    if (text) lines.push({ at: event.at, text })
    at = end
  }
  return lines
}

function isSameKind(a: ChatEvent, b: ChatEvent): boolean {
  if (a.type !== b.type || !('userId' in a) || !('userId' in b)) return false
  const isOwn = a.by === a.userId
  return isOwn === (b.by === b.userId) && (isOwn || a.by === b.by)
}

function lineText(events: readonly ChatEvent[], names: EventNames, before: ChatEvent | undefined): string {
  const event = events[0] as ChatEvent
  const { myId } = names
  const isMine = event.by === myId
  const name = names.nameOf(event.by ?? '') || t('events.unknown')
  switch (event.type) {
    case 'chat.created':
      return isMine ? t('events.youCreated') : t('events.created', { name })
    case 'member.added': {
      // The creator is a member from the start.
      const isCreator = (each: ChatEvent) => before?.type === 'chat.created' && each.by === before.by
      const others = events.filter(
        (each) => !('userId' in each) || each.userId !== each.by || !isCreator(each),
      )
      const [first] = others
      if (!first) return ''
      const isAdded = event.userId !== event.by
      const who = listNames(others, names, isAdded ? t('events.youObject') : t('events.you'))
      if (isAdded) return isMine ? t('events.youAdded', { who }) : t('events.added', { name, who })
      return others.length === 1 && first.by === myId ? t('events.youJoined') : t('events.joined', { who })
    }
    case 'member.removed': {
      const isRemoved = event.userId !== event.by
      const who = listNames(events, names, isRemoved ? t('events.youObject') : t('events.you'))
      if (isRemoved) return isMine ? t('events.youRemoved', { who }) : t('events.removed', { name, who })
      return t('events.left', { who })
    }
    case 'chat.updated':
      return changeTexts(event, isMine ? t('events.you') : name).join(' · ')
  }
}

/** A change of who may write, or find the group, shows where it matters. */
function changeTexts({ changes }: Extract<ChatEvent, { type: 'chat.updated' }>, name: string): string[] {
  const { name: title, topic, picture, archived, everyone } = changes
  return [
    title === undefined ? '' : t('events.renamed', { name, title }),
    topic === undefined ? '' : topic ? t('events.topic', { name, topic }) : t('events.noTopic', { name }),
    picture === undefined ? '' : t(picture ? 'events.picture' : 'events.noPicture', { name }),
    archived === undefined ? '' : t(archived ? 'events.archived' : 'events.unarchived', { name }),
    everyone === undefined ? '' : t(everyone ? 'events.everyone' : 'events.notEveryone', { name }),
  ].filter(Boolean)
}

function listNames(events: readonly ChatEvent[], { myId, nameOf }: EventNames, you: string): string {
  const all = events.map((event) => {
    if (!('userId' in event)) return ''
    return event.userId === myId ? you : nameOf(event.userId) || event.user.displayName
  })
  const shown = all.length > maxNames ? all.slice(0, maxNames - 1) : all
  const left = all.length - shown.length
  return listFormat.format(left === 0 ? shown : [...shown, t('events.others', { count: left })])
}

const listFormat = new Intl.ListFormat(locale, { type: 'conjunction' })

export const eventLineStyles = css`
  .events {
    margin-block: var(--space-2);
    margin-inline: var(--space-2);
    color: var(--color-text-muted);
    font: var(--type-meta);
    text-align: center;
  }
  .event {
    margin: 0;
    padding-block: 2px;
    overflow-wrap: anywhere;
    text-align: center;
    text-wrap: pretty;
  }
  summary.event {
    inline-size: fit-content;
    min-block-size: 24px;
    box-sizing: border-box;
    margin-inline: auto;
    padding: var(--space-1) var(--space-3);
    border-radius: var(--radius-pill);
    cursor: pointer;
  }
  summary.event:hover {
    background: var(--color-surface-hover);
    color: var(--color-text);
  }
`
