import type { Notice, ProcessHealth } from '../db/cluster-link.ts'
import type { Fact } from '../facts.ts'

/*
 * The form of what arrives by the bus. Another program may have a password for its server, and a process of another release
 * may tell what this one does not know: no text may end the process or reach memory half.
 */

/** Of one part of a turn: the sender, its number, and if it is the first and the last of the turn. */
export interface PartHeader {
  from: string
  number: number
  isFirst: boolean
  isLast: boolean
  /** Where the content begins. */
  start: number
}

const headerPattern = /^(\S+) ([1-9]\d{0,15}) (first|next) (last|more) /

/** Returns undefined for a text that is no part of a turn. */
export function readPartHeader(text: string): PartHeader | undefined {
  const match = headerPattern.exec(text)
  const number = Number(match?.[2])
  if (!match || !Number.isSafeInteger(number)) return undefined
  return {
    ...{ from: match[1] as string, number, start: match[0].length },
    ...{ isFirst: match[3] === 'first', isLast: match[4] === 'last' },
  }
}

/** Returns the notices that this release knows; undefined if the text is no turn, or one of them is damaged. */
export function readTurn(json: string): Notice[] | undefined {
  let turn: unknown
  try {
    turn = JSON.parse(json)
  } catch {
    return undefined
  }
  if (!Array.isArray(turn)) return undefined
  const notices: Notice[] = []
  for (const value of turn as unknown[]) {
    if (!isObject(value) || typeof value['t'] !== 'string') return undefined
    if (!isKnown(noticeForms, value['t'])) continue
    if (!noticeForms[value['t']](value)) return undefined
    notices.push(withKnownFacts(value as unknown as Notice))
  }
  return notices
}

function withKnownFacts(notice: Notice): Notice {
  if (notice.t !== 'facts' || notice.facts.every(({ f }) => isKnown(factForms, f))) return notice
  return { t: 'facts', facts: notice.facts.filter(({ f }) => isKnown(factForms, f)) }
}

type Members = Readonly<Record<string, unknown>>
type Form = (value: Members) => boolean

const noticeForms: Readonly<Record<Notice['t'], Form>> = {
  facts: ({ facts }) => Array.isArray(facts) && facts.every(isFact),
  present: ({ users, isAll }) =>
    typeof isAll === 'boolean' && isObject(users) && Object.values(users).every(isLease),
  health: ({ health }) => isHealth(health),
  hello: () => true,
  bye: () => true,
}

const factForms: Readonly<Record<Fact['f'], Form>> = {
  entry: ({ entry }) => isEntry(entry),
  joined: isOfChatAndUser,
  left: isOfChatAndUser,
  chatGone: ({ chat }) => isText(chat),
  sessionEnded: ({ id }) => isText(id),
  hidesLastSeen: ({ user, hides }) => isText(user) && typeof hides === 'boolean',
  read: (fact) => isOfChatAndUser(fact) && isCount(fact['no']),
  tell: ({ user, message }) => isText(user) && isObject(message) && isText(message['t']),
  owned: () => true,
  clockConfirmed: () => true,
  typing: isOfChatAndUser,
  delivered: (fact) => isOfChatAndUser(fact) && isCount(fact['no']),
}

function isFact(value: unknown): boolean {
  if (!isObject(value) || typeof value['f'] !== 'string') return false
  return !isKnown(factForms, value['f']) || factForms[value['f']](value)
}

/** What the hub itself reads of an entry. The rest goes to clients as it is. */
function isEntry(value: unknown): boolean {
  if (!isObject(value)) return false
  const { stream, seq, at, type, chat } = value
  const isWhole = isText(stream) && isCount(seq) && seq > 0 && Number.isFinite(at) && isText(type)
  return isWhole && (type !== 'chat.added' || (isObject(chat) && isText(chat['id']) && isCount(chat['head'])))
}

function isLease(value: unknown): boolean {
  if (!isObject(value)) return false
  const { state, connections, sessions, zone } = value
  return (
    isText(state) &&
    isCount(connections) &&
    isListOf(sessions, isText) &&
    (zone === undefined || typeof zone === 'string')
  )
}

function isHealth(value: unknown): value is ProcessHealth {
  if (!isObject(value)) return false
  const { connections, clockDoubtMs, isDamaged, reached, files, store, backupAt } = value
  return (
    isCount(connections) &&
    Number.isFinite(clockDoubtMs) &&
    typeof isDamaged === 'boolean' &&
    isListOf(reached, (one) => isObject(one) && isText(one['userId']) && Number.isFinite(one['at'])) &&
    (files === undefined ||
      (isObject(files) && isCount(files['missing']) && isCount(files['unreferenced']))) &&
    (store === undefined || isStoreHealth(store)) &&
    (backupAt === undefined || Number.isFinite(backupAt))
  )
}

function isStoreHealth(value: unknown): boolean {
  if (!isObject(value) || typeof value['works'] !== 'boolean') return false
  const failure = value['lastFailure']
  return (
    failure === undefined ||
    (isObject(failure) && Number.isFinite(failure['at']) && typeof failure['code'] === 'string')
  )
}

function isOfChatAndUser({ chat, user }: Members): boolean {
  return isText(chat) && isText(user)
}

function isKnown<Name extends string>(forms: Readonly<Record<Name, Form>>, name: string): name is Name {
  return Object.hasOwn(forms, name)
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isListOf(value: unknown, is: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
