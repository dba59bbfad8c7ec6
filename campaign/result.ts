/** What every campaign returns. It is printed as one line of words and one line of JSON. */
export interface CampaignResult {
  campaign: string
  seed: number
  rounds: number
  seconds: number
  counts: Record<string, number>
  /** Sentences; none if everything held. */
  problems: string[]
  /** A fault that was put in on purpose. */
  fault?: string
}

export interface CampaignOptions {
  rounds: number
  /** No round starts after this many minutes. */
  minutes: number
  seed: number
  fault?: string
  /**
   * The requests of `fuzz` and `races`, or the faults of `standby` and `cluster`, whose names begin with this; a target of `fuzz`, a part
   * of `power`, a stored history of `simulate`.
   */
  only?: string
  /** The campaign `storm`: how many clients; default 1,000. */
  clients?: number
  /** The campaign `standby`: a third computer takes part. */
  third?: boolean
  /** The campaign `power`: how often a record is cut; default 60. */
  cuts?: number
  /** The campaign `simulate`: how many processes run histories at the same time, instead of this one. */
  jobs?: number
  /** Where the campaign keeps its data, to go on later; a temporary folder if it is missing. */
  dir?: string
  onRound?: (words: string) => void
}

/** Its message is for the user of the command. */
export class UsageError extends Error {}

/** Returns the fault of `--fault`, if there is one. @throws UsageError for a name that is not in `faults` */
export function parseFault<Fault extends string>(
  { fault }: Pick<CampaignOptions, 'fault'>,
  faults: readonly Fault[],
): Fault | undefined {
  if (fault === undefined) return undefined
  const found = faults.find((name) => name === fault)
  if (found !== undefined) return found
  const choice = `choose ${faults.length === 1 ? '' : 'one of '}${faults.join(', ')}`
  throw new UsageError(`There is no fault ${fault}: ${choice}.`)
}

export function describeResult({
  campaign,
  seed,
  rounds,
  seconds,
  counts,
  problems,
  fault,
}: CampaignResult): string {
  const figures = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  const verdict = problems.length === 0 ? 'nothing wrong' : `${problems.length} wrong: ${problems[0] ?? ''}`
  const note = fault === undefined ? '' : ` with the fault ${fault}`
  return `${campaign}${note}: ${rounds} rounds from seed ${seed} in ${seconds} s, ${figures.join(', ')}: ${verdict}`
}
