// Finds a real Chromium for the tests, installs one if it can, or fails with instructions. A test that needs a browser
// is never skipped because none is installed.
import { execFileSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import path from 'node:path'
import { chromium, type Browser } from 'playwright-core'

export const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Not the wrapper on the path: a signal to the wrapper would leave the browser running. */
const headlessShellPath = '/usr/lib/chromium/chromium-headless-shell'

/**
 * A headless browser with a new profile. Each `newContext()` in it acts as another user on another machine. `env`: added to
 * its environment, `flags` to its command line.
 */
export async function launchBrowser(
  env: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<Browser> {
  // Playwright gives every launch its own user-data-dir and deletes it on close.
  return chromium.launch({
    executablePath: await findBrowser(),
    headless: true,
    args: [...browserFlags, ...flags],
    env: { ...process.env, ...env },
  })
}

export async function findBrowser(): Promise<string> {
  const found = configuredBrowser() ?? installedBrowser() ?? debianBrowser() ?? downloadedBrowser()
  if (found) return found
  throw new Error(
    'The browser tests need Chromium: install Chrome, Chromium or Edge, or set HUBBUB_BROWSER to its program file.',
  )
}

function configuredBrowser(): string | undefined {
  const chosen = process.env.HUBBUB_BROWSER
  if (!chosen) return undefined
  if (isExecutable(chosen)) return chosen
  throw new Error(
    `HUBBUB_BROWSER names ${chosen}, which is no program: set it to the file of a Chromium, or unset it.`,
  )
}

function installedBrowser(): string | undefined {
  return browserCandidates().find(isExecutable)
}

function browserCandidates(): string[] {
  const { env } = process
  if (process.platform === 'win32') {
    const folders = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter(
      (folder) => folder !== undefined,
    )
    const programs = [
      'Google\\Chrome\\Application\\chrome.exe',
      'Chromium\\Application\\chrome.exe',
      'Microsoft\\Edge\\Application\\msedge.exe',
    ]
    return [
      ...programs.flatMap((program) => folders.map((folder) => path.join(folder, program))),
      ...findOnPath(['chrome.exe', 'chromium.exe', 'msedge.exe']),
    ]
  }
  if (process.platform === 'darwin') {
    const folders = ['/Applications', path.join(homedir(), 'Applications')]
    return [
      ...['Google Chrome', 'Chromium', 'Microsoft Edge'].flatMap((app) =>
        folders.map((folder) => path.join(folder, `${app}.app`, 'Contents', 'MacOS', app)),
      ),
      ...findOnPath(['chromium', 'google-chrome']),
    ]
  }
  return [
    // the same engine without a window, which opens a page in less than half the time
    headlessShellPath,
    ...findOnPath([
      'chromium',
      'google-chrome',
      'google-chrome-stable',
      'chromium-browser',
      'microsoft-edge',
      'microsoft-edge-stable',
    ]),
    '/opt/google/chrome/chrome',
    '/opt/microsoft/msedge/msedge',
    '/usr/lib/chromium/chromium',
  ]
}

function findOnPath(names: string[]): string[] {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name)))
}

function debianBrowser(): string | undefined {
  const isRoot = process.getuid?.() === 0
  if (process.platform !== 'linux' || !isRoot || !isExecutable('/usr/bin/apt-get')) return undefined
  logLine('no browser here: installing one of Debian')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  tryRun('apt-get', ['update', '-qq'], env)
  for (const name of ['chromium-headless-shell', 'chromium']) {
    tryRun('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], env)
    const found = installedBrowser()
    if (found) return found
  }
  return undefined
}

function downloadedBrowser(): string | undefined {
  const own = chromium.executablePath()
  if (!isExecutable(own)) {
    logLine("no browser here: trying Playwright's download")
    const cli = path.join(
      path.dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')),
      'cli.js',
    )
    tryRun(process.execPath, [cli, 'install', 'chromium'], process.env)
  }
  return isExecutable(own) ? own : undefined
}

/** Runs a command that may fail here. The caller looks for the browser again to see if it worked. */
function tryRun(program: string, args: string[], env: NodeJS.ProcessEnv): void {
  try {
    execFileSync(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 10 * 60_000 })
  } catch (error) {
    logLine(`${program} did not help: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

function logLine(text: string): void {
  process.stderr.write(`${text}\n`)
}
