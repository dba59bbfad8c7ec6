import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './ports.ts'

const deploy = path.join(import.meta.dirname, '..', '..', 'deploy')
const maxTries = 300

export const hasNginx = (): boolean => spawnSync('nginx', ['-v']).error === undefined

export interface Proxy {
  /** Without TLS, and with it. */
  plain: string
  port: string
  url: string
  stop: () => Promise<void>
}

/** Starts nginx with deploy/nginx.conf, but for ports and files that an account of a test may use. */
export async function startNginx(
  hubPorts: readonly string[],
  tls: { cert: string; key: string },
  folder: string,
): Promise<Proxy> {
  const [plain, port] = [await freePort(), await freePort()]
  mkdirSync(path.join(folder, 'temp'))
  const servers = hubPorts.map((hub) => `server 127.0.0.1:${hub} max_fails=1 fail_timeout=2s;`)
  const site = readFileSync(path.join(deploy, 'nginx.conf'), 'utf8')
    .replaceAll(/^ *listen \[::\].*\n/gm, '')
    .replace('listen 80;', `listen 127.0.0.1:${plain};`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
    .replace('server 127.0.0.1:7788;', ['least_conn;', ...servers].join(' '))
    .replace(/ssl_certificate .*;/, `ssl_certificate ${tls.cert};`)
    .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${tls.key};`)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/temp/${kind};`,
  )
  const config = path.join(folder, 'nginx.conf')
  const log = path.join(folder, 'error.log')
  writeFileSync(
    config,
    `daemon off; pid ${folder}/pid; error_log ${log};
    events { worker_connections 4096; } http { access_log off; ${temporary.join(' ')}\n${site} }`,
  )
  const child = spawn('nginx', ['-c', config, '-e', log], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
  }
  for (let tries = 0; !(await responds(`http://127.0.0.1:${plain}/`)); tries += 1) {
    if (child.exitCode !== null || tries > maxTries) throw new Error(`nginx: ${readFileSync(log, 'utf8')}`)
    await sleep(50)
  }
  return { plain, port, url: `https://127.0.0.1:${port}`, stop }
}

async function responds(url: string): Promise<boolean> {
  return fetch(url, { redirect: 'manual' }).then(
    () => true,
    () => false,
  )
}
