// `node --inspect=0 as-electron.ts --inspect=0 --remote-debugging-port=0 APP-FOLDER [switches]`: the stand-in with the command line
// and the output of Electron, so that Playwright's own driver starts it. That shows the driver of the real Electron at work
// where there is none.
import { state } from './state.ts'

process.argv = process.argv.filter((arg) => arg !== '--inspect=0' && arg !== '--remote-debugging-port=0')
await import('./run.ts')
const chromium = await state.chromium
// a second instance has none, and exits
if (chromium) process.stderr.write(`DevTools listening on ${chromium.endpoint}\n`)
