import { Session } from 'node:inspector/promises'

/**
 * Counts the calls of a function of this process while `run` runs, by the call counts of the engine. The function is the
 * real one and needs no hook.
 * @param file the end of its module's path
 */
export async function countCalls(file: string, name: string, run: () => Promise<unknown>): Promise<number> {
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
    await run()
    const { result } = await session.post('Profiler.takePreciseCoverage')
    const functions = result.filter(({ url }) => url.endsWith(file)).flatMap((script) => script.functions)
    return functions
      .filter(({ functionName }) => functionName === name)
      .reduce((count, { ranges }) => count + (ranges[0]?.count ?? 0), 0)
  } finally {
    session.disconnect()
  }
}
