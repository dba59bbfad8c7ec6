import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { StartError } from '../start-error.ts'

/*
 * The way from the command line to the running process: a socket in the data directory that only its account can
 * open. One JSON object in each direction, each on a line. It is not in `continuity/`: a hub that has no other computer has
 * no such folder, and `grant` must reach that hub too.
 */

export interface ControlRequest {
  command: 'status' | 'handover' | 'promote' | 'grant' | 'approve' | 'requests' | 'deciding-vote'
  isForced?: boolean
  kind?: 'standby' | 'vote'
  node?: string
  to?: 'hub' | 'standby' | 'third' | undefined
}

export type ControlAnswer = { ok: true; result: unknown } | { ok: false; sentence: string }

/** The longest path of a socket that every system takes. */
const maxPathLength = 100

function socketPath(dataDir: string): string {
  const hash = createHash('sha256').update(path.resolve(dataDir)).digest('hex').slice(0, 24)
  if (process.platform === 'win32') return `\\\\.\\pipe\\hubbub-${hash}`
  const inFolder = path.join(path.resolve(dataDir), 'control')
  return inFolder.length <= maxPathLength ? inFolder : path.join(tmpdir(), `hubbub-${hash}.sock`)
}

/** Listens for commands. Called under the lock of the data directory, so a socket that is there is a dead one. */
export async function serveControl(
  dataDir: string,
  handle: (request: ControlRequest) => Promise<unknown>,
): Promise<{ close: () => void }> {
  const file = socketPath(dataDir)
  if (process.platform !== 'win32') rmSync(file, { force: true })
  const server: Server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    createInterface({ input: socket }).once('line', (line) => {
      void answer(line, handle).then((reply) => socket.end(`${JSON.stringify(reply)}\n`))
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // the folder may be one that all accounts use
    const umask = process.umask(0o177)
    server.listen(file, () => resolve({ close: () => void server.close() }))
    process.umask(umask)
  })
}

async function answer(
  line: string,
  handle: (request: ControlRequest) => Promise<unknown>,
): Promise<ControlAnswer> {
  try {
    return { ok: true, result: await handle(JSON.parse(line) as ControlRequest) }
  } catch (error) {
    return { ok: false, sentence: (error as Error).message }
  }
}

/** @throws StartError with what the running process says, or if there is none */
export async function askRunning(dataDir: string, request: ControlRequest): Promise<unknown> {
  const line = await new Promise<string>((resolve, reject) => {
    const socket = connect(socketPath(dataDir))
    socket.once('error', () =>
      reject(
        new StartError(
          `No hub, standby or third computer runs on ${dataDir}. Start it first, with npm run hub.`,
        ),
      ),
    )
    socket.once('connect', () => {
      socket.write(`${JSON.stringify(request)}\n`)
      const lines = createInterface({ input: socket })
      const ended = (): void => reject(new StartError('The running process has ended without an answer.'))
      // it passes the errors of its socket on, and nobody else listens
      lines.once('line', resolve).once('close', ended).once('error', ended)
    })
  })
  const reply = JSON.parse(line) as ControlAnswer
  if (!reply.ok) throw new StartError(reply.sentence)
  return reply.result
}
