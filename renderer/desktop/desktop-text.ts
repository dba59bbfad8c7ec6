// The lines that only the app shows: a browser does not load them.
import { desktopText } from '../text/en/desktop.ts'
import { railText } from '../text/en/rail.ts'
import { addText } from '../text/t.ts'

addText({ ...desktopText, ...railText })
