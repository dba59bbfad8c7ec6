// What the state of the computers of a hub means, in sentences.
import type { ContinuityStatus, StandbyComputer } from '../../shared/contract/standbys.ts'
import { bytesText } from '../text/bytes.ts'
import { t } from '../text/t.ts'
import { exactTime } from '../text/time.ts'

export function standbyOf({ computers }: ContinuityStatus): StandbyComputer | undefined {
  return computers.find(({ kind }) => kind === 'standby')
}

/** What would happen if the hub's computer failed without handing over. */
export function goneText(status: ContinuityStatus): string {
  const standby = standbyOf(status)
  if (!standby) return t('standbys.gone.none')
  const { name, state } = standby
  if (state === 'copying') return t('standbys.gone.filling', { name })
  if (state !== 'inStep') return t('standbys.gone.behind', { name })
  if (status.tie === 'hub') return t('standbys.gone.person', { name })
  const third = status.computers.find(({ node }) => node === status.tie)
  if (!third) return t('standbys.gone.itself', { name })
  const text = third.state === 'away' ? 'standbys.gone.thirdAway' : 'standbys.gone.third'
  return t(text, { name, third: third.name })
}

export function stateText(
  { node, kind, state, behind, lastSeenAt, isReachable }: StandbyComputer,
  { tie, isWaiting }: Pick<ContinuityStatus, 'tie' | 'isWaiting'>,
): string {
  if (kind === 'vote') {
    if (state !== 'away') return t(node === tie ? 'standbys.state.voteDecides' : 'standbys.state.voteHere')
    return t(node === tie ? 'standbys.state.voteMissing' : 'standbys.state.voteAway')
  }
  switch (state) {
    case 'inStep':
      return t(isReachable === false ? 'standbys.unreachable' : 'standbys.state.inStep')
    case 'following':
      return behind === undefined || behind === 0
        ? t('standbys.state.following')
        : t('standbys.state.behind', { count: behind })
    case 'copying':
      return t('standbys.state.copying')
    case 'away':
      return lastSeenAt === undefined
        ? t('standbys.state.neverHere')
        : t(awayText(tie, isWaiting), { time: exactTime(lastSeenAt) })
  }
}

function awayText(tie: string, isWaiting: boolean) {
  if (!isWaiting || tie === 'hub') return 'standbys.state.away'
  return tie === 'standby' ? 'standbys.state.awayWaiting' : 'standbys.state.awayUndecided'
}

/** Since when it is here, its power and its disk; what is not known is left out. */
export function conditionText({ state, connectedAt, power, free }: StandbyComputer): string {
  const parts = [
    ...(state === 'away' || connectedAt === undefined
      ? []
      : [t('standbys.since', { time: exactTime(connectedAt) })]),
    ...(power === 'mains' || power === 'battery' || power === 'server' ? [t(`standbys.power.${power}`)] : []),
    ...(free === undefined ? [] : [t('standbys.free', { free: bytesText(free) })]),
  ]
  return parts.join(' · ')
}
