// Before the browser tests: builds the page and finds a browser, or fails with a sentence that says what to install.
import { findBrowser } from './browser.ts'
import { setup as buildProgram } from './build-program.ts'

export default async function setup(): Promise<void> {
  buildProgram()
  // The test processes inherit this and do not search again.
  process.env.HUBBUB_BROWSER = await findBrowser()
}
