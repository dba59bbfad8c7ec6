import { hostname } from 'node:os'
import { fingerprintWords } from '../../shared/text/fingerprint.ts'
import { loadNodeKey, signedTexts, signText } from '../continuity/node-key.ts'
import { StartError } from '../start-error.ts'
import { writeHubFile } from './hub-file.ts'
import { readJson, requestPinned } from './pinned.ts'

export interface JoinOptions {
  dataDir: string
  addresses: readonly string[]
  hubId: string
  code: string
  kind: 'standby' | 'vote'
  name?: string | undefined
}

/** What the owner of this computer agrees to. */
export const consent =
  'This computer will hold everything of this hub: all messages, private ones too, all files, and the key by which the team recognises it. Everyone who controls this computer can read all of it and could pose as the hub.'

/**
 * Asks a hub to let this computer follow. The owner of the hub approves it there. Returns the words that both screens
 * show. @throws StartError if the hub cannot be reached or refuses
 */
export async function joinHub(options: JoinOptions): Promise<string[]> {
  const { dataDir, addresses, hubId, code, kind } = options
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
