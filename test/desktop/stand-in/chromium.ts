import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { findBrowser, browserFlags } from '../../support/browser.ts'
import { CdpClient } from './cdp.ts'

/** When the other end of descriptor 3 closes, however this process ended, the browser is killed too. */
const watchdogScript = `"$0" "$@" 3<&- & browser=$!
(read -r _ <&3; kill -9 $browser) & watcher=$!
wait $browser; kill $watcher`

export interface Chromium {
  endpoint: string
  cdp: CdpClient
  close: () => Promise<void>
}

/**
 * Starts a real Chromium without a screen. Its profile is in the app's own folder, as in Electron, and it can reach
 * nothing outside.
 */
export async function startChromium(userData: string): Promise<Chromium> {
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      watchdogScript,
      await findBrowser(),
      ...browserFlags,
      '--headless=new',
      '--remote-debugging-port=0',
      `--user-data-dir=${path.join(userData, 'chromium')}`,
      '--host-resolver-rules=MAP * ~NOTFOUND',
      '--hide-scrollbars',
      '--force-prefers-reduced-motion',
      '--disable-features=Translate,MediaRouter,OptimizationHints',
      '--no-default-browser-check',
      '--window-size=1280,800',
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
  )
  const endpoint = await readEndpoint(child)
  const cdp = await CdpClient.connect(endpoint)
  return { endpoint, cdp, close: () => closeChromium(child, cdp) }
}

async function readEndpoint(child: ChildProcess): Promise<string> {
  if (!child.stderr) throw new Error('the browser has no stderr')
  for await (const line of createInterface({ input: child.stderr })) {
    const match = /^DevTools listening on (ws:\S+)$/.exec(line)
    if (match?.[1]) {
      child.stderr.resume()
      return match[1]
    }
  }
  throw new Error('the browser exited before it listened')
}

/** Closes the browser by its own command, so that it writes its storage. */
async function closeChromium(child: ChildProcess, cdp: CdpClient): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const end = (): void => void child.stdio[3]?.destroy()
  const killTimer = setTimeout(end, 3_000)
  await cdp.send('Browser.close').catch(end)
  await exited
  clearTimeout(killTimer)
}
