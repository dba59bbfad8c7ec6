import { shellText } from './en-shell.ts'
import { backupsText } from './en/backups.ts'

/** All lines. At run time each part of the page adds its own: the administration those that only it shows. */
export const en = { ...shellText, ...backupsText } as const
