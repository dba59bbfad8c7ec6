import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { newDataDir } from './data-dir.ts'
import { freePort } from './ports.ts'
import { waitFor } from './wait-for.ts'

/* Real servers that carry the turns of a cluster, from the packages of the system. */

export type BusKind = 'redis' | 'nats'

export interface BusServer {
  /** With its user and password. */
  url: string
  stop: () => Promise<void>
  start: () => Promise<void>
  /** It keeps its connections and does nothing. */
  freeze: (isFrozen: boolean) => void
}

const programs = { redis: 'redis-server', nats: 'nats-server' }

/** Returns why tests with this server cannot run here; undefined if they can. */
export function missingServer(kind: BusKind): string | undefined {
  try {
    execFileSync(programs[kind], ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return `${programs[kind]} is not installed: apt-get install ${programs[kind]}`
  }
}

const password = 'bus-password'

/** Starts a server of its own, ended after the test. */
export async function startBusServer(kind: BusKind, tls?: { cert: string; key: string }): Promise<BusServer> {
  const port = Number(await freePort())
  const dir = newDataDir()
  let child: ChildProcess | undefined
  const stop = async (): Promise<void> => {
    if (!child || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill()
    await ended
  }
  const start = async (): Promise<void> => {
    child = spawn(
      programs[kind],
      kind === 'redis' ? redisArguments(dir, port, tls) : natsArguments(dir, port, tls),
      {
        stdio: 'ignore',
      },
    )
    await waitFor(() => canConnect(port))
  }
  const freeze = (isFrozen: boolean): void => void child?.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT')
  onTestFinished(async () => {
    freeze(false)
    await stop()
  })
  await start()
  const scheme = kind === 'redis' ? (tls ? 'rediss' : 'redis') : tls ? 'tls' : 'nats'
  const user = kind === 'redis' ? '' : 'hubbub'
  return { url: `${scheme}://${user}:${password}@localhost:${port}`, stop, start, freeze }
}

function redisArguments(dir: string, port: number, tls?: { cert: string; key: string }): string[] {
  const ports = tls
    ? ['--port', '0', '--tls-port', `${port}`, '--tls-cert-file', tls.cert, '--tls-key-file', tls.key]
    : ['--port', `${port}`]
  return [
    ...[...ports, ...(tls ? ['--tls-auth-clients', 'no', '--tls-ca-cert-file', tls.cert] : [])],
    ...['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir, '--requirepass', password],
  ]
}

function natsArguments(dir: string, port: number, tls?: { cert: string; key: string }): string[] {
  const file = path.join(dir, 'nats.conf')
  const lines = [
    `listen: "127.0.0.1:${port}"`,
    `authorization { user: "hubbub", password: "${password}" }`,
    ...(tls ? [`tls { cert_file: "${tls.cert}", key_file: "${tls.key}" }`] : []),
  ]
  writeFileSync(file, lines.join('\n'))
  return ['--config', file]
}

async function canConnect(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}
