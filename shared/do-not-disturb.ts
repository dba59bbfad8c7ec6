/** Returns the end of "do not disturb" for a choice in the tray or the settings, in milliseconds since 1970; 0 turns it off. */
export function doNotDisturbUntil(choice: 'hour' | 'morning' | 'off', now: number): number {
  if (choice === 'off') return 0
  if (choice === 'hour') return now + 60 * 60_000
  const morning = new Date(now)
  // before 5 a.m., "tomorrow morning" means this morning
  if (morning.getHours() >= 5) morning.setDate(morning.getDate() + 1)
  morning.setHours(8, 0, 0, 0)
  return morning.getTime()
}
