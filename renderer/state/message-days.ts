// Which days of a month have messages, and which message a day leads to.
import type { Output } from '../../shared/contract.ts'
import type { Request } from '../connection/request.ts'
import { withZone } from './with-zone.ts'

export type MessageDays = Output<'messages.days'>

/** `2026-05-31`, in the zone of this device. */
export function isoDay(date: Date): string {
  return `${isoMonth(date)}-${String(date.getDate()).padStart(2, '0')}`
}

/** `2026-05` */
export function isoMonth(date: Date): string {
  return `${String(date.getFullYear()).padStart(4, '0')}-${String(date.getMonth() + 1).padStart(2, '0')}`
}

/** @throws RequestError */
export function loadMessageDays(request: Request, chatId: string, month: string): Promise<MessageDays> {
  return withZone((zone) => request('messages.days', { chatId, month, zone }))
}

/** The same from messages at hand, ascending. */
export function messageDaysOf(
  messages: readonly { no?: number | undefined; at?: number | undefined }[],
  month: string,
): MessageDays {
  const result: MessageDays = { days: [] }
  for (const { no, at } of messages) {
    if (no === undefined || at === undefined) continue
    const day = isoDay(new Date(at))
    if (day < month) result.before = no
    else if (!day.startsWith(month)) result.after ??= no
    else if (result.days.at(-1)?.day !== day) result.days.push({ day, no })
  }
  return result
}

/** The number of the first message on this day or a later one; of the last one before it if there is none. */
export function numberOnDay({ days, before, after }: MessageDays, day: string): number | undefined {
  return days.find((each) => each.day >= day)?.no ?? after ?? days.at(-1)?.no ?? before
}
