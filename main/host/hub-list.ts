import { Readable } from 'node:stream'
import type { NewOwner } from '../../shared/desktop.ts'
import type { Hubs } from '../hubs/hubs.ts'
import { readBody } from '../net/hub-meta.ts'
import { ShellError } from '../shell-error.ts'
import type { HostedHubList } from './hosting-options.ts'

const maxResponseBytes = 256 * 1024

/** Adds the hosted hub to the list of hubs: pinned like any other, reached over loopback. */
export function createHostedHubList(hubs: Hubs, userAgent: string): HostedHubList {
  return {
    add: (address, fingerprint) => hubs.add(address, fingerprint),
    addAddresses: (id, addresses) => hubs.addAddresses(id, addresses),
    wake: (id) => {
      // before the tokens are read it would count as logged out
      void hubs.ready.then(() => {
        if (hubs.list().some((hub) => hub.id === id && hub.state !== 'online')) hubs.get(id).wake()
      })
    },
    setUp: async (id, code, owner) => {
      const body = JSON.stringify(setupInput(code, owner))
      const response = await hubs.get(id).request({
        method: 'POST',
        path: '/api/setup',
        headers: {
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(body)),
          'x-hubbub-client': 'token',
          'user-agent': userAgent,
        },
        body: Readable.from([body]),
      })
      const content = JSON.parse((await readBody(response, maxResponseBytes)).toString()) as {
        token?: string
        recoveryKey?: string
        error?: { message?: string; field?: string }
      }
      if ((response.statusCode ?? 500) >= 300 || content.token === undefined) {
        throw new ShellError(
          'invalid',
          content.error?.message ?? 'The owner account could not be created. Try again.',
          { field: content.error?.field },
        )
      }
      await hubs.signedIn(id, content.token)
      return { recoveryKey: content.recoveryKey ?? '' }
    },
  }
}

function setupInput(code: string, { teamName, ...you }: NewOwner): Record<string, unknown> {
  return { code, hubName: teamName, registration: 'invite', ...you }
}
