import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { hubProgram } from './build-program.ts'

export interface HubProcess {
  url: string
  pid: number
  /** Ends the process and waits for its exit. Returns the exit code, null after a signal. */
  kill: (signal: NodeJS.Signals) => Promise<number | null>
}

/** A hub that starts. */
export interface StartingHub {
  child: ChildProcess
  /** Resolves when it prints its address. Rejects if it ends before. */
  listening: Promise<HubProcess>
  kill: HubProcess['kill']
}

/** Starts the real program, with the set-up code `test-code-1`. */
export function startHubProcess(
  dataDir: string,
  options: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  program = hubProgram,
): StartingHub {
  const child = spawn(process.execPath, [...program, '--data', dataDir, ...options], {
    env: { ...process.env, HUBBUB_LOG: 'error', HUBBUB_SETUP_CODE: 'test-code-1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.once('exit', (code, signal) => {
    if (!child.killed && code !== 0)
      process.stderr.write(`a hub ended unasked: ${signal ?? `code ${code}`}\n`)
  })
  const kill: HubProcess['kill'] = async (signal) => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const exited = once(child, 'exit')
    child.kill(signal)
    const [code] = (await exited) as [number | null]
    return code
  }
  const listening = waitUntilListening(child).then((url) => ({ url, pid: child.pid ?? 0, kill }))
  return { child, listening, kill }
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
