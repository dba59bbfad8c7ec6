// Before the browser tests: builds the page and finds a browser, or fails with a sentence that says what to install.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findBrowser } from './browser.ts'

export default async function setup(): Promise<void> {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: root, stdio: 'inherit' })
  // The test processes inherit this and do not search again.
  process.env.HUBBUB_BROWSER = await findBrowser()
}
