import { driver, electronPath } from '../desktop/driver.ts'

/** Printed in the output of every run: results with the stand-in do not prove behaviour in Electron. */
export default function reportDriver(): void {
  const what =
    driver === 'electron'
      ? `Electron (${electronPath()})`
      : 'stand-in (real Chromium, real Node, no Electron: set HUBBUB_ELECTRON to run on the real one)'
  process.stdout.write(`desktop driver: ${what}\n`)
}
