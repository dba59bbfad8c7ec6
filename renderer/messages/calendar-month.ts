// The days of a month as rows of weeks, and where the keys of a calendar lead.

/** Rows of seven days, from the first day of the week on; days of the months around it fill the first and the last row. */
export function weeksOf(year: number, month: number, firstDayOfWeek: number): Date[][] {
  const first = new Date(year, month, 1)
  // Sunday is 7 in `firstDayOfWeek`, and 0 in `getDay`.
  const lead = (first.getDay() - (firstDayOfWeek % 7) + 7) % 7
  const rows = Math.ceil((lead + new Date(year, month + 1, 0).getDate()) / 7)
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: 7 }, (_each, column) => new Date(year, month, 1 - lead + row * 7 + column)),
  )
}

/** The day that a key leads to from a day; undefined for other keys. */
export function dayForKey(
  { key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>,
  from: Date,
  { firstDayOfWeek, isRightToLeft = false }: { firstDayOfWeek: number; isRightToLeft?: boolean },
): Date | undefined {
  const column = (from.getDay() - (firstDayOfWeek % 7) + 7) % 7
  const sideways = isRightToLeft ? -1 : 1
  const steps: Record<string, number> = {
    ArrowLeft: -sideways,
    ArrowRight: sideways,
    ArrowUp: -7,
    ArrowDown: 7,
    Home: -column,
    End: 6 - column,
  }
  const days = steps[key]
  if (days !== undefined) return new Date(from.getFullYear(), from.getMonth(), from.getDate() + days)
  if (key !== 'PageUp' && key !== 'PageDown') return undefined
  return sameDayOf(from, (key === 'PageDown' ? 1 : -1) * (shiftKey ? 12 : 1))
}

/** The same day some months later, or the last day of a shorter month. */
export function sameDayOf(from: Date, months: number): Date {
  const last = new Date(from.getFullYear(), from.getMonth() + months + 1, 0)
  return new Date(last.getFullYear(), last.getMonth(), Math.min(from.getDate(), last.getDate()))
}
