import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

export interface HubProcess {
  url: string
  pid: number
  /** Ends the process and waits for its exit. Returns the exit code, null after a signal. */
  kill: (signal: NodeJS.Signals) => Promise<number | null>
}

/** Starts the real program as `npm run hub` does. Resolves when it prints its address. */
export async function spawnHub(
  dataDir: string,
  options: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<HubProcess> {
  const child = spawn(process.execPath, [join(root, 'server', 'cli.ts'), '--data', dataDir, ...options], {
    env: { ...process.env, HUBBUB_LOG: 'error', HUBBUB_SETUP_CODE: 'test-code-1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const url = await waitUntilListening(child)
  return {
    url,
    pid: child.pid ?? 0,
    kill: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      const exited = once(child, 'exit')
      child.kill(signal)
      const [code] = (await exited) as [number | null]
      return code
    },
  }
}

async function waitUntilListening(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('a hub without a voice')
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) {
    const match = /^hub listening at (\S+)$/.exec(line)
    if (match?.[1]) {
      child.stdout.resume()
      return match[1]
    }
  }
  throw new Error('the hub ended before it listened')
}
