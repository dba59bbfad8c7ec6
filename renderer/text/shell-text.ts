// Import this where the shell begins: from then on `t` has every line.
import { en } from './en.ts'
import { addText } from './t.ts'

addText(en)
