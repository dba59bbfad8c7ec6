// Import this where the shell begins: from then on `t` has every line but those of the
// administration (`admin/admin-text.ts`) and of the app's computers (`desktop/moves-text.ts`).
import { shellText } from './en-shell.ts'
import { addText } from './t.ts'

addText(shellText)
