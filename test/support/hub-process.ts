import { onTestFinished } from 'vitest'
import { type HubProcess, startHubProcess } from './start-hub-process.ts'
import { databaseFor } from './test-database.ts'

export type { HubProcess } from './start-hub-process.ts'

/** Starts the real program as `npm run hub` does, until the end of the test. Resolves when it prints its address. */
export async function spawnHub(
  dataDir: string,
  options: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<HubProcess> {
  const database = await databaseFor(dataDir)
  const { child, listening } = startHubProcess(dataDir, options, {
    // its address contains a password
    ...(database !== undefined && { HUBBUB_DATABASE: database }),
    ...env,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return listening
}
