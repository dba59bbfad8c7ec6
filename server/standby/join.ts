import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { fingerprintWords } from '../../shared/text/fingerprint.ts'
import type { StandbyLink } from '../../shared/text/standby-link.ts'
import { beginVote, isVoteFolder } from '../continuity/voter-file.ts'
import { loadNodeKey, signedTexts, signText } from '../continuity/node-key.ts'
import { readState } from '../continuity/state-file.ts'
import { databaseFile } from '../db/sqlite/store.ts'
import { StartError } from '../start-error.ts'
import { readHubFile, writeHubFile } from './hub-file.ts'
import { readJson, requestPinned } from './pinned.ts'

export interface JoinOptions extends Omit<StandbyLink, 'hubName'> {
  dataDir: string
  name?: string | undefined
}

/**
 * Asks a hub to let this computer follow. The owner of the hub approves it there. Returns the words that both screens
 * show. @throws StartError if the hub cannot be reached or refuses
 */
export async function joinHub(options: JoinOptions): Promise<string[]> {
  const { dataDir, addresses, hubId, code, kind } = options
  requireFolderFor(options)
  const { id: node, key, spki } = loadNodeKey(dataDir)
  const name = (options.name ?? hostname()).slice(0, 60) || 'Computer'
  const sig = signText(key, signedTexts.join(hubId, code))
  const body = JSON.stringify({ code, node, key: spki.toString('base64url'), name, kind, sig })
  let reason = 'it does not answer'
  for (const address of addresses) {
    try {
      const response = await requestPinned({ address, hubId }, '/api/continuity/join', {
        method: 'POST',
        body,
      })
      const answer = (await readJson(response)) as { error?: { message?: string } }
      if (response.statusCode !== 200)
        throw new StartError(answer.error?.message ?? 'The hub has refused it.')
      if (kind === 'vote') beginVote(dataDir)
      writeHubFile(dataDir, {
        hubId,
        name,
        places: [{ node: 'hub', name: 'Hub', role: 'hub', addresses: [address] }],
      })
      return [...fingerprintWords(node)]
    } catch (error) {
      if (error instanceof StartError) throw error
      reason = (error as Error).message
    }
  }
  throw new StartError(`The hub could not be reached: ${reason}. Check the address and the fingerprint.`)
}

/** @throws StartError if the directory has another purpose: a computer with the data must not vote as a third one */
function requireFolderFor({ dataDir, hubId, kind }: JoinOptions): void {
  const isVote = isVoteFolder(dataDir)
  if (kind === 'standby' && isVote)
    throw new StartError(`${dataDir} belongs to a third computer. Give the standby a directory of its own.`)
  if (kind === 'standby') return
  const holdsData = existsSync(databaseFile(dataDir)) || readState(dataDir) !== undefined
  if (holdsData || (readHubFile(dataDir) !== undefined && !isVote))
    throw new StartError(
      `${dataDir} holds the data of a hub. Give the third computer a directory of its own.`,
    )
  if (isVote && (readHubFile(dataDir)?.hubId ?? hubId) !== hubId)
    throw new StartError(`${dataDir} belongs to the third computer of another hub. Choose another directory.`)
}
