import { onTestFinished } from 'vitest'
import { type HubProcess, startHubProcess } from './start-hub-process.ts'

export type { HubProcess } from './start-hub-process.ts'

/** Starts the real program as `npm run hub` does, until the end of the test. Resolves when it prints its address. */
export async function spawnHub(
  dataDir: string,
  options: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<HubProcess> {
  const { child, listening } = startHubProcess(dataDir, options, env)
  onTestFinished(() => void child.kill('SIGKILL'))
  return listening
}
