/** Until when nobody is disturbed, from a choice in the tray or the settings. `now` and the answer: milliseconds since 1970; 0: disturb. */
export function doNotDisturbUntil(choice: 'hour' | 'morning' | 'off', now: number): number {
  if (choice === 'off') return 0
  if (choice === 'hour') return now + 60 * 60_000
  const morning = new Date(now)
  // at three in the night "tomorrow morning" is the one that comes
  if (morning.getHours() >= 5) morning.setDate(morning.getDate() + 1)
  morning.setHours(8, 0, 0, 0)
  return morning.getTime()
}
