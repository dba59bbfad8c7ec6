// Before the browser tests: the page as it is now, and a browser, or one sentence that says what to install.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findBrowser } from './browser.ts'

export default async function setup(): Promise<void> {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: root, stdio: 'inherit' })
  // The test processes inherit it and need not look again.
  process.env.HUBBUB_BROWSER = await findBrowser()
}
