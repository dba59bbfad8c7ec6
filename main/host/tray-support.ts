/**
 * Returns true if the system shows tray icons. Plain GNOME shows none, and no API reports it; Ubuntu's GNOME has a
 * built-in tray.
 */
export function hasTray(platform: NodeJS.Platform, desktop: string | undefined): boolean {
  if (platform !== 'linux') return true
  const names = (desktop ?? '').toLowerCase().split(':')
  return names.includes('ubuntu') || !(names.includes('gnome') || names.includes(''))
}
