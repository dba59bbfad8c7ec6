import type { UserStatus } from '../../shared/contract/users.ts'
import { t } from '../text/t.ts'
import { endOf, fromLocalInput, type StatusEnd, toLocalInput } from './status-end.ts'

/** A status as the dialog holds it until it is saved. */
export interface StatusDraft {
  readonly text: string
  readonly emoji: string
  readonly end: StatusEnd
  /** Of `custom`: the value of the input. */
  readonly at: string
}

export const emptyDraft: StatusDraft = { text: '', emoji: '', end: 'never', at: '' }

export function draftOfStatus({ text = '', emoji = '', until }: UserStatus): StatusDraft {
  if (until === undefined) return { text, emoji, end: 'never', at: '' }
  return { text, emoji, end: 'custom', at: toLocalInput(until) }
}

/** When it ends, or why that is not a time to come. */
export function untilOf({ end, at }: StatusDraft, now: number): { at?: number; problem?: string } {
  if (end === 'never') return {}
  if (end !== 'custom') return { at: endOf(end, now) }
  const chosen = fromLocalInput(at)
  if (chosen === undefined) return { problem: t('status.needTime') }
  return chosen > now ? { at: chosen } : { problem: t('status.needFuture') }
}
