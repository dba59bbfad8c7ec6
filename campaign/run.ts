// Runs a campaign: npm run campaign -- kill --rounds 200 --seed 1
import path from 'node:path'
import { parseArgs } from 'node:util'
import { runClusterCampaign } from './cluster/campaign.ts'
import { runDiskCampaign } from './disk/campaign.ts'
import { runFuzzCampaign } from './fuzz/campaign.ts'
import { runKillCampaign } from './kill/campaign.ts'
import { runMatrixCampaign } from './matrix/campaign.ts'
import { runPowerCampaign } from './power/campaign.ts'
import { runRaceCampaign } from './races/campaign.ts'
import { runSimulateCampaign } from './simulate/campaign.ts'
import { runSoakCampaign } from './soak/campaign.ts'
import { runStandbyCampaign } from './standby/campaign.ts'
import { runStormCampaign } from './storm/campaign.ts'
import { type CampaignOptions, type CampaignResult, describeResult, UsageError } from './result.ts'

const campaigns: Record<string, (options: CampaignOptions) => Promise<CampaignResult>> = {
  cluster: runClusterCampaign,
  disk: runDiskCampaign,
  fuzz: runFuzzCampaign,
  kill: runKillCampaign,
  matrix: runMatrixCampaign,
  power: runPowerCampaign,
  races: (options) => runRaceCampaign(options),
  simulate: runSimulateCampaign,
  soak: runSoakCampaign,
  standby: runStandbyCampaign,
  storm: runStormCampaign,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    fault: { type: 'string' },
    only: { type: 'string' },
    clients: { type: 'string' },
    cuts: { type: 'string' },
    jobs: { type: 'string' },
    third: { type: 'boolean' },
    dir: { type: 'string' },
    quiet: { type: 'boolean' },
  },
})
try {
  const [name = ''] = positionals
  const run = campaigns[name]
  if (!run) {
    const known = Object.keys(campaigns).join(', ')
    throw new UsageError(`Name a campaign: ${known}. campaign/README.md describes each and its options.`)
  }
  const result = await run({
    rounds: numberOf('rounds', values.minutes === undefined ? 20 : Number.MAX_SAFE_INTEGER),
    minutes: numberOf('minutes', Number.MAX_SAFE_INTEGER),
    seed: numberOf('seed', 1),
    ...(values.fault !== undefined && { fault: values.fault }),
    ...(values.only !== undefined && { only: values.only }),
    ...(values.clients !== undefined && { clients: numberOf('clients', 0) }),
    ...(values.third === true && { third: true }),
    ...(values.cuts !== undefined && { cuts: numberOf('cuts', 0) }),
    ...(values.jobs !== undefined && { jobs: numberOf('jobs', 0) }),
    ...(values.dir !== undefined && { dir: path.resolve(values.dir) }),
    ...(values.quiet !== true && { onRound: (words) => process.stderr.write(`${words}\n`) }),
  })
  process.stdout.write(`${describeResult(result)}\n${JSON.stringify(result)}\n`)
  if (result.problems.length > 0) process.exitCode = 1
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}

// see startPostgres: without this every campaign would end with 0
process.exit(process.exitCode)

type NumericOption = 'rounds' | 'minutes' | 'seed' | 'clients' | 'cuts' | 'jobs'

function numberOf(option: NumericOption, otherwise: number): number {
  const text = values[option]
  if (text === undefined) return otherwise
  const number = Number(text)
  if (Number.isFinite(number) && number > 0) return number
  throw new UsageError(`--${option} is a number above 0, not "${text}".`)
}
