import { createInterface } from 'node:readline/promises'
import { fingerprintWords } from '../../shared/text/fingerprint.ts'
import type { StandbyLink } from '../../shared/text/standby-link.ts'
import { StartError } from '../start-error.ts'

/** What the owner of this computer agrees to. */
const meanings = {
  standby:
    'This computer will store everything on this hub: all messages, including private ones, all files, and the hub’s key. It needs as much disk space as the hub. Anyone who controls this computer can read all of it and could pose as the hub.',
  vote: 'This computer will decide which computer goes on if the hub and its standby lose their connection. It stores no messages and no files of the hub, and it does not get the hub’s key.',
}

const questions = {
  standby: 'Should this computer keep a copy of this hub? Type yes: ',
  vote: 'Should this computer vote for this hub? Type yes: ',
}

export interface ConsentOptions extends Pick<StandbyLink, 'hubId' | 'hubName' | 'addresses' | 'kind'> {
  /** The user has agreed on the command line. */
  isAgreed: boolean
  /** Asks the user; undefined: there is no terminal. Returns true for a yes. */
  ask: ((question: string) => Promise<boolean>) | undefined
}

/**
 * Says which hub it is and what joining it means, and asks the user of this computer. Nothing was sent before it resolves.
 * @throws StartError if the user does not agree, or if there is no terminal to ask at
 */
export async function requireConsent(
  { hubId, hubName, addresses, kind, isAgreed, ask }: ConsentOptions,
  print: (text: string) => void,
): Promise<void> {
  print(`hub: ${hubName === '' ? '' : `“${hubName}”, `}${addresses.join(' or ')}`)
  print(`words of this hub: ${fingerprintWords(hubId).join(' ')}`)
  print(meanings[kind])
  if (isAgreed) return
  if (!ask)
    throw new StartError('Nothing was sent. Add --yes to agree, since there is no terminal to ask you at.')
  if (!(await ask(questions[kind]))) throw new StartError('Nothing was sent. This computer has not joined.')
}

export function terminalQuestion(): typeof isYes | undefined {
  return process.stdin.isTTY ? isYes : undefined
}

/** Asks at the terminal. */
export async function isYes(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return (await terminal.question(question)).trim().toLowerCase() === 'yes'
  } finally {
    terminal.close()
  }
}
