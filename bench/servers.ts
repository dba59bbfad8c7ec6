import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { LoadRequests } from './load.ts'
import type { Usage } from './probe.ts'

const root = join(import.meta.dirname, '..')
const probe = join(import.meta.dirname, 'probe.ts')

export interface BenchServer {
  url: string
  port: number
  /** From the start of the process to its "listening" line. */
  startupMs: number
  usage: () => Promise<Usage>
  /** Sends a message to the process, and resolves with the first reply that is meant. */
  ask: (question: object, isReply: (reply: object) => boolean) => Promise<object>
  stop: () => Promise<void>
  pid: number
  /** Ends the process at once, as the system does when memory runs out. */
  kill: () => Promise<void>
}

/**
 * Starts the hub as `npm run hub` does, plus `--load-test` (no rate limits, cheap hashing) unless limits are wanted.
 * @param options.build the directory that `npm run build` has written, or a copy of it
 */
export function startHub(
  dir: string,
  {
    limits = false,
    env = {},
    args = [],
    build = 'dist',
  }: { limits?: boolean; env?: NodeJS.ProcessEnv; args?: string[]; build?: string } = {},
): Promise<BenchServer> {
  mkdirSync(dir, { recursive: true })
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: { hub: string }
  }
  const [, ...words] = scripts.hub.split(' ')
  const program = words.pop() ?? ''
  return startServer(
    program.replace(/^dist\//, `${build}/`),
    ['--data', dir, '--port', '0', ...(limits ? [] : ['--load-test']), ...args],
    words,
    env,
  )
}

/** Starts the bare loop as plain JavaScript, so that it does not pay for TypeScript. */
export function startBaseline(dir: string): Promise<BenchServer> {
  const file = join(root, 'node_modules', '.hubbub-bench-bare.mjs')
  writeFileSync(file, stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'baseline.ts'), 'utf8')))
  return startServer(file, [join(dir, 'bare.db')])
}

/** Starts a program that prints where it listens, as the hub does. */
export async function startServer(
  program: string,
  args: string[],
  flags: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<BenchServer> {
  const started = performance.now()
  const child = fork(program, args, {
    cwd: root,
    execArgv: [
      ...flags,
      ...profilingFlags(),
      '--disable-warning=ExperimentalWarning',
      '--import',
      writeProbeScript(),
    ],
    env: { ...process.env, HUBBUB_LOG: 'error', HUBBUB_SETUP_CODE: 'bench-code', ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const url = await waitUntilListening(child)
  const startedIn = performance.now() - started
  const sendRequest = createCaller(child)
  return {
    url,
    port: Number(new URL(url).port),
    startupMs: startedIn,
    usage: () => sendRequest({}) as Promise<Usage>,
    ask: (question, isReply) =>
      new Promise((resolve) => {
        const receive = (reply: object): void => {
          if (!isReply(reply)) return
          child.off('message', receive)
          resolve(reply)
        }
        child.on('message', receive)
        child.send(question)
      }),
    stop: () => end(child, 'SIGTERM'),
    pid: child.pid ?? 0,
    kill: () => end(child, 'SIGKILL'),
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

/** BENCH_PROFILE=DIR writes a CPU profile of each server when it exits. */
function profilingFlags(): string[] {
  const dir = process.env['BENCH_PROFILE']
  return dir === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', dir]
}

function writeProbeScript(): string {
  const file = join(root, 'node_modules', '.hubbub-bench-probe.mjs')
  writeFileSync(file, stripTypeScriptTypes(readFileSync(probe, 'utf8')))
  return file
}

async function waitUntilListening(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the server has no stdout')
  for await (const line of createInterface({ input: child.stdout })) {
    const match = /^hub listening at (\S+)$/.exec(line)
    if (match?.[1]) {
      // errors of the server belong to the report
      child.stdout.pipe(process.stderr)
      return match[1]
    }
  }
  throw new Error('the server exited before it listened')
}

/** The process that creates the load. */
export interface LoadProcess {
  request: <N extends keyof LoadRequests>(name: N, input: LoadRequests[N]) => Promise<unknown>
  stop: () => void
}

export function startLoad(): LoadProcess {
  const { send, stop } = startHelper('load.ts')
  return { request: (name, input) => send({ name, input }), stop }
}

/** Starts a program of this folder that answers requests over IPC. */
export function startHelper(program: string): {
  send: (request: { name: string; input: object }) => Promise<unknown>
  pid: number
  stop: () => void
} {
  const child = fork(join(import.meta.dirname, program), [], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return { send: createCaller(child), pid: child.pid ?? 0, stop: () => void child.kill() }
}

/** Returns a function for requests to a child over IPC. If the child exits unexpectedly, the pending requests fail. */
function createCaller(child: ChildProcess): (question: object) => Promise<unknown> {
  let next = 1
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  child.on('message', (reply: { id: number; value?: unknown; usage?: unknown }) => {
    waiting.get(reply.id)?.resolve(reply.value ?? reply.usage)
    waiting.delete(reply.id)
  })
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the process exited during a request'))
  })
  return (question) =>
    new Promise((resolve, reject) => {
      const id = next++
      waiting.set(id, { resolve, reject })
      child.send({ id, ...question })
    })
}
