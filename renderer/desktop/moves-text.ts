// The lines about computers of a hub that only the pages of the app show: the first screen does not wait for them.
import { movesText } from '../text/en/moves.ts'
import { addText } from '../text/t.ts'

addText(movesText)
