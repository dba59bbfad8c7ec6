import { shellText } from './en-shell.ts'
import { backupsText } from './en/backups.ts'
import { movesText } from './en/moves.ts'
import { standbysText } from './en/standbys.ts'

/** All lines. At run time each part of the page adds its own: the administration those that only it shows. */
export const en = { ...shellText, ...backupsText, ...movesText, ...standbysText } as const
