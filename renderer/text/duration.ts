import { isolateLine } from './direction.ts'
import { locale } from './t.ts'

const format = (unit: 'millisecond' | 'second', digits: number): Intl.NumberFormat =>
  new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: digits })
const milliseconds = format('millisecond', 0)
const seconds = format('second', 1)

/** `420 ms`, `2.3 sec` */
export function durationText(ms: number): string {
  return isolateLine(ms < 1_000 ? milliseconds.format(ms) : seconds.format(ms / 1_000))
}
