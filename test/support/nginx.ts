import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Proxy, proxyPorts, readDeployed, startProxy } from './proxy.ts'

export const hasNginx = (): boolean => spawnSync('nginx', ['-v']).error === undefined

/** Starts nginx with deploy/nginx.conf, but for ports and files that an account of a test may use. */
export async function startNginx(
  hubPorts: readonly string[],
  tls: { cert: string; key: string },
  folder: string,
): Promise<Proxy> {
  const ports = await proxyPorts()
  mkdirSync(path.join(folder, 'temp'))
  const servers = hubPorts.map((hub) => `server 127.0.0.1:${hub} max_fails=1 fail_timeout=2s;`)
  const site = readDeployed('nginx.conf')
    .replaceAll(/^ *listen \[::\].*\n/gm, '')
    .replace('listen 80;', `listen 127.0.0.1:${ports.plain};`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${ports.port} ssl;`)
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
  return startProxy(['nginx', '-c', config, '-e', log], ports, () => readFileSync(log, 'utf8'))
}
