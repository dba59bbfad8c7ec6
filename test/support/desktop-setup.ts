import { electronPath } from '../desktop/electron-path.ts'

/** Printed in the output of every run: results with the stand-in do not prove behaviour in Electron. */
export default function reportDriver(): void {
  const program = electronPath()
  const what =
    program !== undefined
      ? `Electron (${program})`
      : 'stand-in (real Chromium, real Node, no Electron: set HUBBUB_ELECTRON to run on the real one)'
  process.stdout.write(`desktop driver: ${what}\n`)
}
