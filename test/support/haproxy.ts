import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Proxy } from './nginx.ts'
import { freePort } from './ports.ts'

const deploy = path.join(import.meta.dirname, '..', '..', 'deploy')
const maxTries = 300

export const hasHaproxy = (): boolean => spawnSync('haproxy', ['-v']).error === undefined

export interface HubPorts {
  port: string
  /** Where the process says if it is ready. */
  opsPort: string
}

/** Starts HAProxy with deploy/haproxy.cfg, but for ports, account and certificate. */
export async function startHaproxy(
  hubs: readonly HubPorts[],
  tls: { cert: string; key: string },
  folder: string,
): Promise<Proxy> {
  const [plain, port] = [await freePort(), await freePort()]
  const pem = path.join(folder, 'all.pem')
  writeFileSync(pem, readFileSync(tls.cert, 'utf8') + readFileSync(tls.key, 'utf8'))
  const servers = hubs.map((hub) => `  server hub-${hub.port} 127.0.0.1:${hub.port} port ${hub.opsPort}\n`)
  const site = readFileSync(path.join(deploy, 'haproxy.cfg'), 'utf8')
    .replaceAll(/^ {2}(user|group|log) .*\n/gm, '')
    .replaceAll(/^ {2}server .*\n/gm, '')
    .replace('bind :80', `bind 127.0.0.1:${plain}`)
    .replace('bind :443', `bind 127.0.0.1:${port}`)
    .replace('/etc/ssl/hubbub/chat.example.com.pem', pem)
  const config = path.join(folder, 'haproxy.cfg')
  writeFileSync(config, site + servers.join(''))
  const check = spawnSync('haproxy', ['-c', '-q', '-f', config], { encoding: 'utf8' })
  const complaints = `${check.stdout}${check.stderr}`
  if (check.status !== 0 || complaints !== '') throw new Error(`haproxy: ${complaints}`)
  const child = spawn('haproxy', ['-db', '-q', '-f', config], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
  }
  for (let tries = 0; !(await responds(`http://127.0.0.1:${plain}/`)); tries += 1) {
    if (child.exitCode !== null || tries > maxTries) throw new Error('haproxy did not start')
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
