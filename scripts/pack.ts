// `node scripts/pack.ts --mac --arm64`: electron-builder without publishing, with or without the secrets for signing.
//
// An absent secret of a workflow arrives as an empty variable. electron-builder takes an empty CSC_LINK for the path of
// a certificate and stops, so empty ones are removed.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const signingVariables = [
  'CSC_LINK',
  'CSC_KEY_PASSWORD',
  'WIN_CSC_LINK',
  'WIN_CSC_KEY_PASSWORD',
  'APPLE_ID',
  'APPLE_APP_SPECIFIC_PASSWORD',
  'APPLE_TEAM_ID',
]

/** Returns the arguments and the environment for electron-builder. */
export function packCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): { args: string[]; env: NodeJS.ProcessEnv } {
  const unset = signingVariables.filter((name) => (env[name] ?? '').trim() === '')
  const used = Object.fromEntries(Object.entries(env).filter(([name]) => !unset.includes(name)))
  const hasCertificate = used['CSC_LINK'] !== undefined || used['CSC_NAME'] !== undefined
  return {
    args: [
      ...args,
      ...['--publish', 'never'],
      // Apple silicon starts nothing without a signature; an ad-hoc one needs no certificate
      ...(hasCertificate ? [] : ['-c.mac.identity=-']),
    ],
    env: hasCertificate ? used : { ...used, CSC_IDENTITY_AUTO_DISCOVERY: 'false' },
  }
}

if (import.meta.main) {
  const { args, env } = packCommand(process.argv.slice(2), process.env)
  const cli = createRequire(import.meta.url).resolve('electron-builder/cli.js')
  const { status } = spawnSync(process.execPath, [cli, ...args], { env, stdio: 'inherit' })
  process.exitCode = status ?? 1
}
