import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './ports.ts'

const maxTries = 300
const retryMs = 50

export interface Proxy {
  /** Without TLS, and with it. */
  plain: string
  port: string
  url: string
  stop: () => Promise<void>
}

/** Returns a file of deploy/. */
export function readDeployed(name: string): string {
  return readFileSync(path.join(import.meta.dirname, '..', '..', 'deploy', name), 'utf8')
}

/** The ports of a proxy, without TLS and with it. */
export async function proxyPorts(): Promise<Pick<Proxy, 'plain' | 'port'>> {
  return { plain: await freePort(), port: await freePort() }
}

/**
 * Starts a proxy as a process of its own, and waits until it responds.
 * @param describeFailure says why it did not start
 */
export async function startProxy(
  command: readonly [string, ...string[]],
  { plain, port }: Pick<Proxy, 'plain' | 'port'>,
  describeFailure: () => string,
): Promise<Proxy> {
  const [program, ...args] = command
  const child: ChildProcess = spawn(program, args, { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
  }
  for (let tries = 0; !(await responds(`http://127.0.0.1:${plain}/`)); tries += 1) {
    if (child.exitCode !== null || tries > maxTries) throw new Error(`${program}: ${describeFailure()}`)
    await sleep(retryMs)
  }
  return { plain, port, url: `https://127.0.0.1:${port}`, stop }
}

async function responds(url: string): Promise<boolean> {
  return fetch(url, { redirect: 'manual' }).then(
    () => true,
    () => false,
  )
}
