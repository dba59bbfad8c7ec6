import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { S3Client, type S3Keys } from '../../server/file-storage/s3/client.ts'
import { parseBucketAddress } from '../../server/files-address.ts'
import { freePort } from './ports.ts'
import { waitFor } from './wait-for.ts'

/* A real object store, from the packages of the system: Ceph with its gateway for S3, its disk in memory. */

const programs = ['ceph-mon', 'ceph-osd', 'radosgw']

export const s3Keys: S3Keys = { accessKeyId: 'AKIDHUBBUBTEST', secretAccessKey: 'secret/of+the/tests' }

/** Returns why tests with it cannot run here; undefined if they can. */
export function missingS3Server(): string | undefined {
  try {
    for (const program of programs) execFileSync(program, ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'Ceph is not installed: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd'
  }
}

export interface S3Server {
  endpoint: string
  /** Makes a bucket. */
  addBucket: (name: string) => Promise<void>
  close: () => Promise<void>
}

/** Starts a server of its own, which takes some seconds. */
export async function startS3Server(): Promise<S3Server> {
  const dir = mkdtempSync(path.join(tmpdir(), 'hubbub-s3-'))
  const [monitorPort, gatewayPort] = [await freePort(), await freePort()]
  const configuration = path.join(dir, 'ceph.conf')
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, ['-c', configuration, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const keyring = (file: string, ...args: string[]): string =>
    execFileSync('ceph-authtool', [path.join(dir, file), ...args], { encoding: 'utf8', stdio: 'pipe' })

  writeConfiguration(dir, { configuration, monitorPort, gatewayPort })
  const all = ['--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *']
  keyring('mon.keyring', '--create-keyring', '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *')
  keyring('keyring', '--create-keyring', '--gen-key', '-n', 'client.admin', ...all)
  keyring('mon.keyring', '--import-keyring', path.join(dir, 'keyring'))
  const monitors = path.join(dir, 'monmap')
  const address = `[v2:127.0.0.1:${monitorPort}/0]`
  execFileSync('monmaptool', ['--create', '--addv', 'a', address, monitors], { stdio: 'ignore' })
  run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', monitors, '--keyring', path.join(dir, 'mon.keyring'))
  run('ceph-mon', '-i', 'a')

  const [id, secret] = [crypto.randomUUID(), keyring('osd/keyring', '--gen-print-key').trim()]
  const secretFile = path.join(dir, 'osd.json')
  writeFileSync(secretFile, JSON.stringify({ cephx_secret: secret }))
  run('ceph', 'osd', 'new', id, '-i', secretFile)
  keyring('osd/keyring', '--create-keyring', '--name', 'osd.0', '--add-key', secret)
  run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', id)
  run('ceph-osd', '-i', '0')

  const { accessKeyId, secretAccessKey } = s3Keys
  const user = [
    '--uid=hubbub',
    '--display-name=hubbub',
    `--access-key=${accessKeyId}`,
    `--secret=${secretAccessKey}`,
  ]
  run('radosgw-admin', 'user', 'create', ...user)
  const gateway = spawn('radosgw', ['-c', configuration, '-n', 'client.admin', '-f'], { stdio: 'ignore' })
  const endpoint = `http://127.0.0.1:${gatewayPort}`
  await waitFor(() => fetch(endpoint), 30_000)
  return {
    endpoint,
    addBucket: async (name) => {
      const client = new S3Client(parseBucketAddress(`s3://${name}?endpoint=${endpoint}`), s3Keys)
      ;(await client.send({ method: 'PUT', key: '' })).resume()
      client.close()
    },
    close: async () => {
      const ended = once(gateway, 'exit')
      gateway.kill('SIGKILL')
      for (const name of ['osd.0', 'mon.a']) {
        process.kill(Number(readFileSync(path.join(dir, 'run', `${name}.pid`), 'utf8')), 'SIGKILL')
      }
      await ended
      rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
    },
  }
}

function writeConfiguration(
  dir: string,
  {
    configuration,
    monitorPort,
    gatewayPort,
  }: { configuration: string; monitorPort: string; gatewayPort: string },
): void {
  for (const name of ['mon', 'osd', 'rgw', 'run']) mkdirSync(path.join(dir, name))
  const lines = [
    '[global]',
    `mon host = [v2:127.0.0.1:${monitorPort}/0]`,
    'public addr = 127.0.0.1',
    'osd pool default size = 1',
    'osd pool default min size = 1',
    'osd crush chooseleaf type = 0',
    'osd pool default pg num = 1',
    'osd pool default pgp num = 1',
    'mon allow pool size one = true',
    'mon data avail crit = 0',
    'osd objectstore = memstore',
    'memstore device bytes = 536870912',
    `run dir = ${dir}/run`,
    `log file = ${dir}/$name.log`,
    `admin socket = ${dir}/run/$name.asok`,
    `pid file = ${dir}/run/$name.pid`,
    `mon data = ${dir}/mon`,
    `osd data = ${dir}/osd`,
    `rgw data = ${dir}/rgw`,
    `rgw frontends = beast endpoint=127.0.0.1:${gatewayPort}`,
    'rgw dynamic resharding = false',
    '[client]',
    `keyring = ${dir}/keyring`,
  ]
  writeFileSync(configuration, `${lines.join('\n')}\n`)
}
