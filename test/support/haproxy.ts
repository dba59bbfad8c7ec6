import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Proxy, proxyPorts, readDeployed, startProxy } from './proxy.ts'

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
  const ports = await proxyPorts()
  const pem = path.join(folder, 'all.pem')
  writeFileSync(pem, readFileSync(tls.cert, 'utf8') + readFileSync(tls.key, 'utf8'))
  const servers = hubs.map((hub) => `  server hub-${hub.port} 127.0.0.1:${hub.port} port ${hub.opsPort}\n`)
  const site = readDeployed('haproxy.cfg')
    .replaceAll(/^ {2}(user|group|log) .*\n/gm, '')
    .replaceAll(/^ {2}server .*\n/gm, '')
    .replace('bind :80', `bind 127.0.0.1:${ports.plain}`)
    .replace('bind :443', `bind 127.0.0.1:${ports.port}`)
    .replace('/etc/ssl/hubbub/chat.example.com.pem', pem)
  const config = path.join(folder, 'haproxy.cfg')
  writeFileSync(config, site + servers.join(''))
  const check = spawnSync('haproxy', ['-c', '-q', '-f', config], { encoding: 'utf8' })
  const complaints = `${check.stdout}${check.stderr}`
  if (check.status !== 0 || complaints !== '') throw new Error(`haproxy: ${complaints}`)
  return startProxy(['haproxy', '-db', '-q', '-f', config], ports, () => 'it did not start')
}
