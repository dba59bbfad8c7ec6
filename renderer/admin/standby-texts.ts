// What the state of the computers of a hub means, in sentences.
import type { ContinuityStatus, SetAside, StandbyComputer } from '../../shared/contract/standbys.ts'
import { bytesText } from '../text/bytes.ts'
import { t } from '../text/t.ts'
import { exactTime } from '../text/time.ts'

const listFormat = new Intl.ListFormat('en')

export function standbyOf({ computers }: ContinuityStatus): StandbyComputer | undefined {
  return computers.find(({ kind }) => kind === 'standby')
}

/** What would happen if the hub's computer failed without handing over. */
export function goneText(status: ContinuityStatus): string {
  const standby = standbyOf(status)
  if (!standby) return `${t('standbys.gone.none')} ${savedText(status)}`
  const { name, state } = standby
  if (state === 'copying') return `${t('standbys.gone.filling', { name })} ${savedText(status)}`
  if (state === 'following' && status.sync === 'off') return t('standbys.gone.async', { name })
  if (state !== 'inStep') return t('standbys.gone.behind', { name })
  if (standby.isReachable === false) return t('standbys.gone.unreachable', { name })
  if (status.tie === 'hub') return t('standbys.gone.person', { name })
  const third = status.computers.find(({ node }) => node === status.tie)
  if (!third) return t('standbys.gone.itself', { name })
  const text = third.state === 'away' ? 'standbys.gone.thirdAway' : 'standbys.gone.third'
  return t(text, { name, third: third.name })
}

/** What a backup would bring back. */
function savedText({ backupAt }: ContinuityStatus): string {
  return backupAt === undefined ? t('standbys.notSaved') : t('standbys.saved', { time: exactTime(backupAt) })
}

export function stateText(
  { node, kind, state, behind, lastSeenAt, isReachable }: StandbyComputer,
  { tie, safety, sync }: Pick<ContinuityStatus, 'tie' | 'safety' | 'sync'>,
): string {
  if (kind === 'vote') {
    if (state !== 'away') return t(node === tie ? 'standbys.state.voteDecides' : 'standbys.state.voteHere')
    return t(node === tie ? 'standbys.state.voteMissing' : 'standbys.state.voteAway')
  }
  switch (state) {
    case 'inStep':
      return t(isReachable === false ? 'standbys.unreachable' : 'standbys.state.inStep')
    case 'following':
      if (sync === 'off' && !behind) return t('standbys.state.async')
      return behind === undefined || behind === 0
        ? t('standbys.state.following')
        : t('standbys.state.behind', { count: behind })
    case 'copying':
      return t('standbys.state.copying')
    case 'away':
      return lastSeenAt === undefined
        ? t('standbys.state.neverHere')
        : t(awayText(tie, safety), { time: exactTime(lastSeenAt) })
  }
}

/** True if the owner has to look after a computer. */
export function needsAttention(
  { node, kind, state, isReachable, problem, compared }: StandbyComputer,
  { tie }: Pick<ContinuityStatus, 'tie'>,
): boolean {
  if (problem !== undefined || (compared?.differing.length ?? 0) > 0) return true
  // a third computer that does not decide may be off
  return kind === 'vote' ? state === 'away' && node === tie : state === 'away' || isReachable === false
}

export interface HealthSign {
  state: 'good' | 'attention' | 'bad'
  text: string
}

/** What Health says of the computers of a hub, in the words of the page about them. */
export function computerSigns(status: ContinuityStatus): HealthSign[] {
  const { computers, setAside, safety } = status
  const wrote = setAside.reduce((sum, { messages }) => sum + messages, 0)
  return [
    ...(safety === 'waiting' ? [{ state: 'bad' as const, text: t('admin.health.standbyWaits') }] : []),
    ...computers.map((computer) => computerSign(computer, status)),
    ...(wrote > 0
      ? [{ state: 'attention' as const, text: t('admin.health.setAside', { count: wrote }) }]
      : []),
  ]
}

function computerSign(computer: StandbyComputer, status: ContinuityStatus): HealthSign {
  const { name, kind, state, problem, compared } = computer
  const isDifferent = (compared?.differing.length ?? 0) > 0
  const lines = [stateText(computer, status), problem, isDifferent ? comparedText(computer) : undefined]
  const hasEverything =
    kind === 'vote' || state === 'inStep' || (state === 'following' && status.sync === 'off')
  return {
    state: hasEverything && !needsAttention(computer, status) ? 'good' : 'attention',
    text: t(`admin.health.computer.${kind}`, {
      name,
      text: lines.filter((line) => line !== undefined).join(' '),
    }),
  }
}

/** Why nobody can write, and when that ends by itself. */
export function waitingText({ tie, computers }: ContinuityStatus, { name, state }: StandbyComputer): string {
  if (state !== 'away') return t('standbys.waitsForCopy', { name })
  const third = computers.find(({ node }) => node === tie)
  return third
    ? t('standbys.waitsForOne', { name, third: third.name })
    : t('standbys.waitsForStandby', { name })
}

function awayText(tie: string, safety: ContinuityStatus['safety']) {
  if (safety !== 'waiting' || tie === 'hub') return 'standbys.state.away'
  return tie === 'standby' ? 'standbys.state.awayWaiting' : 'standbys.state.awayUndecided'
}

/** What the last comparison of all tables has found; undefined before the first one. */
export function comparedText({ compared, name }: StandbyComputer): string | undefined {
  if (!compared) return undefined
  const time = exactTime(compared.at)
  return compared.differing.length === 0
    ? t('standbys.compared', { time })
    : t('standbys.differed', { time, name, tables: compared.differing.join(', ') })
}

/** What is in a database that was set aside, and what became of its messages. One sentence a line. */
export function setAsideText(entry: SetAside): string[] {
  const { movedAt, messages, people, files, unreachable, other, isRunning, brought, refused, problem } = entry
  const counted = other.map(({ kind, count }) => t(`standbys.aside.${kind}`, { count }))
  return [
    messages > 0
      ? t('standbys.asideMessages', {
          time: exactTime(movedAt),
          messages: t('standbys.aside.messages', { count: messages }),
          people: t('standbys.aside.authors', { count: people }),
        })
      : t('standbys.asideNone', { time: exactTime(movedAt) }),
    ...(files > 0 && messages > 0 ? [t('standbys.asideFiles', { count: files })] : []),
    ...(unreachable > 0 ? [t('standbys.asideUnreachable', { count: unreachable })] : []),
    ...(counted.length > 0 ? [t('standbys.asideOther', { what: listFormat.format(counted) })] : []),
    ...(isRunning
      ? [t('standbys.bringing', { count: brought ?? 0 })]
      : brought === undefined
        ? []
        : [t('standbys.broughtBack', { count: brought })]),
    ...(!isRunning && refused !== undefined && refused > 0
      ? [t('standbys.refusedBack', { count: refused })]
      : []),
    ...(problem === undefined ? [] : [problem]),
  ]
}

/** Since when it is here, its power and its disk; what is not known is left out. */
export function conditionText({ state, connectedAt, power, free }: StandbyComputer): string {
  const parts = [
    ...(state === 'away' || connectedAt === undefined
      ? []
      : [t('standbys.since', { time: exactTime(connectedAt) })]),
    ...(power === 'mains' || power === 'battery' ? [t(`standbys.power.${power}`)] : []),
    ...(free === undefined ? [] : [t('standbys.free', { free: bytesText(free) })]),
  ]
  return parts.join(' · ')
}
