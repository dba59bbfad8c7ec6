import type { StandbyRequest } from '../../shared/contract/standbys.ts'
import { StartError } from '../start-error.ts'
import type { DecidingVote } from './by-command.ts'
import { isYes } from './consent.ts'
import { askRunning, type ControlRequest } from './control.ts'

/* The commands that speak to the running hub or standby of a data directory. */

export type ContinuityCommand =
  | { name: 'status' | 'handover'; dataDir: string }
  | { name: 'promote'; dataDir: string; database?: string; isForced: boolean }
  | { name: 'deciding-vote'; dataDir: string; to: ControlRequest['to'] }
  | { name: 'grant'; dataDir: string; isAgreed: boolean; kind: StandbyRequest['kind'] }

const pollMs = 500
const grantLifetimeMs = 10 * 60_000

export async function runContinuityCommand(
  command: ContinuityCommand,
  print: (text: string) => void,
): Promise<void> {
  const { dataDir } = command
  switch (command.name) {
    case 'status':
      return print(JSON.stringify(await askRunning(dataDir, { command: 'status' }), null, 2))
    case 'handover': {
      const node = await askRunning(dataDir, { command: 'handover' })
      return print(`handed over: ${String(node)} is the hub now, and this computer follows it`)
    }
    case 'promote': {
      if (command.database !== undefined) {
        const { promoteDatabase } = await import('./promote-database.ts')
        await promoteDatabase(dataDir, { database: command.database, isForced: command.isForced })
        return print('this database is the hub again: start its processes, and leave the other hub stopped')
      }
      const promoted = await askRunning(dataDir, { command: 'promote', isForced: command.isForced })
      if (!(promoted as { isChanged?: boolean }).isChanged)
        return print('this computer is the hub already: nothing was changed')
      return print(
        'this computer is the hub now. If the former hub comes back, it follows, and keeps what only it has in its continuity folder',
      )
    }
    case 'deciding-vote': {
      const vote = await askRunning(dataDir, { command: 'deciding-vote', to: command.to })
      return print(describeVote(vote as DecidingVote))
    }
    case 'grant':
      return grant(command, print)
  }
}

function describeVote({ holder, standby, third, isThirdHere }: DecidingVote): string {
  if (standby === undefined) return 'This hub has no standby, so there is nothing to decide.'
  switch (holder) {
    case 'hub':
      return `This hub has the deciding vote. If it loses “${standby}”, it goes on alone. If this computer fails, run "promote" on “${standby}”.`
    case 'standby':
      return `“${standby}”, the standby, has the deciding vote. If it loses this hub, it becomes the hub. While it is away, nobody can write.`
    case 'third':
      return `“${third ?? 'A computer that was removed'}” has the deciding vote, and is ${isThirdHere ? 'here' : 'not here'}. If hub and standby lose each other, the one that it sees goes on.`
  }
}

/** Lets one computer follow: prints a code, waits for the computer, and asks if its words are right. */
async function grant(
  { dataDir, isAgreed, kind }: Extract<ContinuityCommand, { name: 'grant' }>,
  print: (text: string) => void,
): Promise<void> {
  const made = (await askRunning(dataDir, { command: 'grant', kind })) as { code: string; link: string }
  print(`link for the ${kind === 'vote' ? 'third computer' : 'standby'}, for ten minutes: ${made.link}`)
  const until = Date.now() + grantLifetimeMs
  while (Date.now() < until) {
    const requests = (await askRunning(dataDir, { command: 'requests' })) as StandbyRequest[]
    const request = requests.find((other) => other.kind === kind)
    if (request) return approve(dataDir, request, isAgreed, print)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  throw new StartError('No computer has asked within ten minutes. Run grant again.')
}

async function approve(
  dataDir: string,
  { node, name, kind, address, words }: StandbyRequest,
  isAgreed: boolean,
  print: (text: string) => void,
): Promise<void> {
  const wish = kind === 'vote' ? 'decide between this hub and its standby' : 'keep a copy of this hub'
  print(`“${name}” at ${address} asks to ${wish}. Its words: ${words.join(' ')}`)
  if (!isAgreed && !(await isYes('Are these the words on that computer? Type yes: ')))
    throw new StartError('It was not added.')
  await askRunning(dataDir, { command: 'approve', node })
  print(
    kind === 'vote'
      ? 'added: it decides once you give it the vote: "deciding-vote --to third", or Administration, Standby computers'
      : 'added: it copies the hub now. "status" says when it has everything',
  )
}
