// Looks for a newer version of the app on the hubs where the user is logged in.
import { createReadStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { maxPackageListBytes, type SignedPackageList } from '../../shared/app-packages.ts'
import type { HubInfo } from '../../shared/desktop.ts'
import type { HubConnection } from '../hubs/connection.ts'
import { readBody } from '../net/hub-meta.ts'
import type { Log } from '../ports.ts'
import { openPackageFeed, PackageCheck } from './package-feed.ts'
import { findNewerPackage, type Installation, type NewerPackage } from './signed-packages.ts'
import type { UpdateOffer, UpdateSource } from './update-checker.ts'

/** Fetches from a feed and installs; electron-updater in the app. */
export interface FeedInstaller {
  /** Returns the path of the downloaded file. */
  downloadFrom(feedUrl: string, version: string): Promise<string>
  /** Starts the installation, and the app ends. Resolves with false if it could not be started. */
  install(): Promise<boolean>
}

export interface HubPackagesOptions {
  hubs: {
    list: () => Pick<HubInfo, 'id' | 'name' | 'state'>[]
    get: (id: string) => Pick<HubConnection, 'request'>
    token: (id: string) => string | undefined
  }
  keys: readonly string[]
  installed: Installation
  installer: FeedInstaller
  log: Log
}

/** The list in JSON within JSON, and the names of its files. */
const maxResponseBytes = 4 * maxPackageListBytes
const listTimeoutMs = 20_000
/** A hub that sends a byte now and then must not keep the check busy forever. */
const downloadTimeoutMs = 60 * 60_000

export class HubPackages implements UpdateSource {
  readonly #options: HubPackagesOptions

  constructor(options: HubPackagesOptions) {
    this.#options = options
  }

  /** Asks only hubs to which the app is connected anyway, so no setting turns it on. */
  isAutomatic = (): boolean => true

  async find(): Promise<UpdateOffer | undefined> {
    const { hubs, keys, installed, log } = this.#options
    if (keys.length === 0 || installed.kind === undefined) return undefined
    let newest: UpdateOffer | undefined
    let { version } = installed
    for (const { id, name, state } of hubs.list()) {
      if (state !== 'online') continue
      try {
        const signed = await this.#fetchList(id)
        const found = signed && findNewerPackage(signed, keys, { ...installed, version })
        if (!found) continue
        version = found.version
        newest = this.#toOffer(id, name, found)
      } catch (error) {
        log.warn('the packages of a hub were refused', { hub: id, error })
      }
    }
    return newest
  }

  #toOffer(hubId: string, hubName: string, offered: NewerPackage): UpdateOffer {
    const { installer } = this.#options
    let file = ''
    return {
      version: offered.version,
      hubName,
      download: async () => {
        const path = `/api/app-packages/${encodeURIComponent(offered.file)}`
        const feed = await openPackageFeed(offered, () => this.#request(hubId, path, downloadTimeoutMs))
        try {
          file = await installer.downloadFrom(feed.url, offered.version)
        } finally {
          feed.close()
        }
      },
      install: async () => {
        // it was on the disk while the hub here ended, and perhaps while a question waited for the user
        await requireUnchanged(file, offered)
        return installer.install()
      },
    }
  }

  async #fetchList(hubId: string): Promise<SignedPackageList | undefined> {
    const response = await this.#request(hubId, '/api/app-packages', listTimeoutMs)
    // a hub of an earlier version has no such request
    if (response.statusCode !== 200) return void response.destroy()
    const { signed, files } = JSON.parse((await readBody(response, maxResponseBytes)).toString('utf8')) as {
      signed?: Partial<SignedPackageList>
      files?: unknown
    }
    if (!Array.isArray(files) || files.length === 0) return undefined
    if (typeof signed?.list !== 'string' || typeof signed.signature !== 'string') return undefined
    return { list: signed.list, signature: signed.signature }
  }

  #request(hubId: string, path: string, timeoutMs: number): Promise<IncomingMessage> {
    const { hubs } = this.#options
    const token = hubs.token(hubId)
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    return hubs.get(hubId).request({ method: 'GET', path, headers, signal: AbortSignal.timeout(timeoutMs) })
  }
}

async function requireUnchanged(file: string, offered: NewerPackage): Promise<void> {
  const check = new PackageCheck(offered)
  check.resume()
  await pipeline(createReadStream(file), check)
}
