/** What replaces a part of the base. */
interface TextChange {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/**
 * Merges two texts that were both written from `base`, on two devices or in two tabs. Nothing that was typed is lost:
 * changes of different parts are both applied, and texts that contradict each other follow one another. If one side is
 * empty (sent or cleared), what the other side has typed since remains.
 */
export function mergeDrafts(base: string, older: string, newer: string): string {
  if (older === newer || newer === base) return older
  if (older === base) return newer
  if (older === '') return withoutBase(base, newer)
  if (newer === '') return withoutBase(base, older)
  if (newer.includes(older)) return newer
  if (older.includes(newer)) return older
  const [first, second] = [changeOf(base, older), changeOf(base, newer)]
  if (first.from === second.from && first.to === first.from && second.to === second.from) {
    const both = `${first.insert.trimEnd()}\n\n${second.insert.trimStart()}`
    return applyChange(base, { ...first, insert: both })
  }
  if (first.to <= second.from) return applyChange(applyChange(base, second), first)
  if (second.to <= first.from) return applyChange(applyChange(base, first), second)
  return `${older}\n\n${newer}`
}

/**
 * Where a caret at `at` in one text is in the other: text before and after the changed part stays where it is. A user who has
 * typed nothing here goes on at the end.
 */
export function moveCaret(before: string, after: string, at: number): number {
  if (before === '') return after.length
  const change = changeOf(before, after)
  if (at <= change.from) return at
  return at >= change.to ? at + after.length - before.length : change.from + change.insert.length
}

function withoutBase(base: string, text: string): string {
  return base !== '' && text.startsWith(base) ? text.slice(base.length).trimStart() : text
}

function changeOf(base: string, text: string): TextChange {
  const most = Math.min(base.length, text.length)
  let from = 0
  while (from < most && base[from] === text[from]) from += 1
  let same = 0
  while (same < most - from && base.at(-1 - same) === text.at(-1 - same)) same += 1
  return { from, to: base.length - same, insert: text.slice(from, text.length - same) }
}

function applyChange(text: string, { from, to, insert }: TextChange): string {
  return text.slice(0, from) + insert + text.slice(to)
}
