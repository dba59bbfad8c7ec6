/**
 * Whether the system shows an icon beside the clock. GNOME by itself shows none, and nobody can be asked; Ubuntu's has it
 * built in.
 */
export function hasTray(platform: NodeJS.Platform, desktop: string | undefined): boolean {
  if (platform !== 'linux') return true
  const names = (desktop ?? '').toLowerCase().split(':')
  return names.includes('ubuntu') || !(names.includes('gnome') || names.includes(''))
}
