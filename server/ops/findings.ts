/** What an examination of a data directory has found: see doctor.ts. */

export type FindingState = 'good' | 'attention' | 'bad'

export interface Finding {
  part: 'directory' | 'identity' | 'database' | 'audit log' | 'files' | 'index' | 'backup' | 'space'
  state: FindingState
  text: string
}

export interface Examination {
  isRunning: boolean
  isRepaired: boolean
  findings: Finding[]
}

const stateWords: Record<FindingState, string> = { good: 'good', attention: 'ATTENTION', bad: 'BAD' }

/** The findings for a terminal. */
export function describeExamination(
  dataDir: string,
  { isRunning, isRepaired, findings }: Examination,
): string {
  const lines = findings.map(({ part, state, text }) => `  ${stateWords[state].padEnd(9)}  ${part}: ${text}`)
  const bad = findings.filter(({ state }) => state === 'bad').length
  const attention = findings.filter(({ state }) => state === 'attention').length
  return [
    isRunning
      ? `${dataDir}: a hub is running, so this only reads.`
      : `${dataDir}: no hub is running. ${isRepaired ? 'The search index was dropped; the next start builds it again.' : 'Nothing was changed.'}`,
    ...lines,
    bad + attention === 0 ? 'Everything is fine.' : `${bad} to act on now, ${attention} to look at soon.`,
  ].join('\n')
}
