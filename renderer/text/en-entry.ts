import { authText } from './en/auth.ts'
import { commonText } from './en/common.ts'
import { recoveryText } from './en/recovery.ts'

/** The lines of the sign-in screens. The shell brings the rest of the table: nobody who logs in waits for it. */
export const entryText = { ...commonText, ...authText, ...recoveryText } as const
