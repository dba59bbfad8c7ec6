// Import this where the shell begins: from then on `t` has every line but those of the administration
// (`admin/admin-text.ts`), of the app (`desktop/desktop-text.ts`) and of its computers (`desktop/moves-text.ts`).
import { shellText } from './en-shell.ts'
import { addText } from './t.ts'

addText(shellText)
