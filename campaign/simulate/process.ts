// A process that runs histories for the campaign: see process-pool.ts.
import type { SimulateFault } from './faults.ts'
import { Runner } from './runner.ts'
import { makeHistory } from './steps.ts'

const runner = new Runner(process.argv[2] as SimulateFault | undefined)

process.on('message', ({ seed, isCompared }: { seed: number; isCompared: boolean }) => {
  void runner.runAndCompare(makeHistory(seed), isCompared).then((outcome) => process.send?.(outcome))
})
process.on('disconnect', () => {
  runner.close()
  process.exit()
})
