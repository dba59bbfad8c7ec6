import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CampaignOptions, CampaignResult } from './result.ts'

/** What a campaign has done so far. */
export interface Campaign {
  seed: number
  rounds: number
  problems: string[]
  counts: Record<string, number>
  run(): Promise<void>
  close(): Promise<void>
}

/**
 * Runs a campaign in the folder of `--dir`, or in one of its own. That one is removed, unless something is wrong that nobody
 * put in: then it is kept to be looked at.
 */
export async function runInFolder(
  name: string,
  { dir: given, fault }: CampaignOptions,
  begin: (dir: string) => Campaign | Promise<Campaign>,
): Promise<CampaignResult> {
  const dir = given ?? mkdtempSync(path.join(tmpdir(), `hubbub-${name}-`))
  mkdirSync(dir, { recursive: true })
  const campaign = await begin(dir)
  const beganAt = performance.now()
  try {
    await campaign.run()
  } finally {
    await campaign.close()
  }
  const { seed, rounds, problems, counts } = campaign
  if (given === undefined && (problems.length === 0 || fault !== undefined)) {
    rmSync(dir, { recursive: true, force: true })
  } else if (problems.length > 0) {
    problems.push(`the data is in ${dir}`)
  }
  return {
    ...{ campaign: name, seed, rounds, problems, counts },
    seconds: Math.round((performance.now() - beganAt) / 1_000),
    ...(fault !== undefined && { fault }),
  }
}
