import { EventEmitter } from 'node:events'
import fs from 'node:fs'
import fsPromises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import workerThreads from 'node:worker_threads'
import * as scryptModule from 'scrypt-kdf'
import { InlineWorker } from './inline-workers.ts'
import { replace } from './replace.ts'
import type { VirtualTime } from './virtual-time.ts'

/*
 * What the hub leaves to threads of the process ends when the scheduler of these says so. So a history is the same again,
 * however long a disk or a hash takes. A file operation runs whole, in the turn of the loop after it began, in the order in
 * which it began.
 */

/** The functions that have the same arguments as their synchronous ones. */
const fileOperations = [
  ...[
    'access',
    'appendFile',
    'chmod',
    'copyFile',
    'link',
    'lstat',
    'mkdir',
    'mkdtemp',
    'readFile',
    'readdir',
  ],
  ...['realpath', 'rename', 'rm', 'rmdir', 'stat', 'statfs', 'truncate', 'unlink', 'utimes', 'writeFile'],
] as const
/** Those of an open file, which the streams of the hub use too. */
const handleOperations = ['open', 'read', 'write', 'writev', 'close', 'fsync', 'fdatasync'] as const

// its types describe named exports, but it has a default export
const scrypt = (scryptModule as unknown as { default: object }).default as Record<string, AnyFunction>

type AnyFunction = (...args: unknown[]) => unknown

/** From here on threads work under this time. Returns what ends it. */
export function takeOverThreads(time: VirtualTime): () => void {
  const sync = fs as unknown as Record<string, AnyFunction>
  const undo = [
    replace(
      fsPromises,
      Object.fromEntries(
        fileOperations.map((name) => [
          name,
          (...args: unknown[]) => inNextTurn(() => sync[`${name}Sync`]?.(...args)),
        ]),
      ),
    ),
    replace(fsPromises, {
      open: (...args: unknown[]) => inNextTurn(() => new OpenFile(sync['openSync']?.(...args) as number)),
    }),
    replace(
      fs,
      Object.fromEntries(
        handleOperations.map((name) => [name, withCallback(sync[`${name}Sync`] as AnyFunction)]),
      ),
    ),
    replace(workerThreads, { Worker: InlineWorker }),
    replace(
      scrypt,
      Object.fromEntries(
        ['kdf', 'verify'].map((name) => {
          const real = (scrypt[name] as AnyFunction).bind(scrypt) as (...args: unknown[]) => Promise<unknown>
          return [name, (...args: unknown[]) => time.hold(() => real(...args))]
        }),
      ),
    ),
  ]
  syncBuiltinESMExports()
  return () => {
    for (const restore of undo) restore()
    syncBuiltinESMExports()
  }
}

async function inNextTurn<T>(run: () => T): Promise<T> {
  await new Promise((resolve) => setImmediate(resolve))
  return run()
}

/** `read` and `write` pass their buffer on after the count. */
function withCallback(run: AnyFunction): AnyFunction {
  return (...args) => {
    const done = args.pop() as AnyFunction
    inNextTurn(() => run(...args)).then(
      (result) => done(null, result, args[1]),
      (error: unknown) => done(error),
    )
  }
}

/** What the hub uses of a file handle. */
class OpenFile extends EventEmitter {
  readonly fd: number

  constructor(fd: number) {
    super()
    this.fd = fd
  }

  async read(buffer: Buffer, offset: number, length: number, position: number | null): Promise<object> {
    return {
      bytesRead: await inNextTurn(() => fs.readSync(this.fd, buffer, offset, length, position)),
      buffer,
    }
  }

  async write(buffer: Buffer, offset?: number, length?: number, position?: number): Promise<object> {
    return {
      bytesWritten: await inNextTurn(() => fs.writeSync(this.fd, buffer, offset, length, position)),
      buffer,
    }
  }

  readFile(): Promise<Buffer> {
    return inNextTurn(() => fs.readFileSync(this.fd))
  }

  writeFile(data: string | Buffer): Promise<void> {
    return inNextTurn(() => fs.writeFileSync(this.fd, data))
  }

  stat(): Promise<fs.Stats> {
    return inNextTurn(() => fs.fstatSync(this.fd))
  }

  truncate(length: number): Promise<void> {
    return inNextTurn(() => fs.ftruncateSync(this.fd, length))
  }

  sync(): Promise<void> {
    return inNextTurn(() => fs.fsyncSync(this.fd))
  }

  datasync(): Promise<void> {
    return inNextTurn(() => fs.fdatasyncSync(this.fd))
  }

  close(): Promise<void> {
    return inNextTurn(() => fs.closeSync(this.fd))
  }

  createReadStream(options: object): fs.ReadStream {
    return fs.createReadStream('', { fd: this.fd, ...options })
  }
}
