import { driver, electronPath } from '../desktop/driver.ts'

/** Said in the output of every run: what the stand-in shows is not what Electron shows. */
export default function reportDriver(): void {
  const what =
    driver === 'electron'
      ? `Electron (${electronPath()})`
      : 'stand-in (real Chromium, real Node, no Electron: set HUBBUB_ELECTRON to run on the real one)'
  process.stdout.write(`desktop driver: ${what}\n`)
}
