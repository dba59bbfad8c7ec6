import { shellText } from './en-shell.ts'
import { adminText } from './en/admin.ts'
import { backupsText } from './en/backups.ts'
import { desktopText } from './en/desktop.ts'
import { movesText } from './en/moves.ts'
import { railText } from './en/rail.ts'
import { standbysText } from './en/standbys.ts'

/** All lines. At run time each part of the page adds its own: the administration those that only it shows. */
export const en = {
  ...shellText,
  ...adminText,
  ...backupsText,
  ...desktopText,
  ...movesText,
  ...railText,
  ...standbysText,
} as const
