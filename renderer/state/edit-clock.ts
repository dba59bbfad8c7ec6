// Which edits a text includes: for each tab that has edited it, the number of its latest edit. So two texts can be
// compared without a common clock: one includes the other, or each has edits that the other lacks.

export type EditClock = Readonly<Record<string, number>>

/** Tabs that are remembered for one text; each page load is another tab. */
const maxTabs = 20

export function includesEdits(clock: EditClock, other: EditClock): boolean {
  return Object.entries(other).every(([tab, count]) => (clock[tab] ?? 0) >= count)
}

export function joinEdits(clock: EditClock, other: EditClock): EditClock {
  const joined: Record<string, number> = { ...clock }
  for (const [tab, count] of Object.entries(other)) joined[tab] = Math.max(joined[tab] ?? 0, count)
  return joined
}

export function withEditBy(tab: string, clock: EditClock): EditClock {
  const { [tab]: count = 0, ...others } = clock
  return Object.fromEntries([...Object.entries(others), [tab, count + 1] as const].slice(-maxTabs))
}

/** The name of a text with these edits: the version of a draft on the hub. */
export function versionOf(clock: EditClock): string {
  return Object.entries(clock)
    .map(([tab, count]) => `${tab}.${count}`)
    .sort()
    .join('_')
}

/** Returns the edits of a version. A version that another program has named counts as one edit. */
export function editsOf(version: string): EditClock {
  const entries = version.split('_').map((part) => part.split('.'))
  const isMine = entries.every(([tab, count, more]) => tab && /^[1-9]\d{0,9}$/.test(count ?? '') && !more)
  return isMine
    ? Object.fromEntries(entries.map(([tab, count]) => [tab as string, Number(count)]))
    : { [version.replaceAll(/[._]/g, '-')]: 1 }
}
