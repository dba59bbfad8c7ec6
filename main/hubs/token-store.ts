import type { HubId } from '../../shared/desktop.ts'
import type { JsonFile } from '../json-file.ts'
import type { Log, SecretBox } from '../ports.ts'

/**
 * The tokens of the hubs. A token exists only here and on its way to its hub. On disk they are encrypted with a key of
 * the system's key store. Without a key store they live in memory, until the user chooses to save them anyway.
 */
export class TokenStore {
  readonly #file: JsonFile
  readonly #box: SecretBox
  readonly #keepUnprotected: () => boolean
  readonly #log: Log
  readonly #tokens = new Map<HubId, string>()
  /** The tokens as encrypted on disk: a key store that is locked today may be open tomorrow. */
  readonly #unreadable = new Map<HubId, string>()
  #saving: Promise<void> = Promise.resolve()

  constructor(
    file: JsonFile,
    { box, keepUnprotected, log }: { box: SecretBox; keepUnprotected: () => boolean; log: Log },
  ) {
    this.#file = file
    this.#box = box
    this.#keepUnprotected = keepUnprotected
    this.#log = log
  }

  get(id: HubId): string | undefined {
    return this.#tokens.get(id)
  }

  /** Resolves when the token is written, as far as that is allowed. */
  async set(id: HubId, token: string): Promise<void> {
    this.#tokens.set(id, token)
    this.#unreadable.delete(id)
    await this.save()
  }

  async delete(id: HubId): Promise<void> {
    const isKnown = this.#tokens.delete(id)
    if (this.#unreadable.delete(id) || isKnown) await this.save()
  }

  /**
   * Writes all tokens, also after the user changed the setting for unprotected ones. Writes run one after the other;
   * the latest wins.
   */
  save(): Promise<void> {
    this.#saving = this.#saving
      .then(() => this.#write())
      .catch((error: unknown) => {
        this.#log.error('a login could not be saved', { error })
      })
    return this.#saving
  }

  async #write(): Promise<void> {
    const protection = await this.#box.protection()
    const maySave = protection === 'protected' || this.#keepUnprotected()
    const sealedTokens: Record<HubId, string> = Object.fromEntries(this.#unreadable)
    if (maySave) {
      for (const [id, token] of this.#tokens)
        sealedTokens[id] = await this.#encrypt(token, protection === 'none')
    }
    this.#file.write({ version: 1, kept: sealedTokens })
  }

  async #encrypt(token: string, plain: boolean): Promise<string> {
    if (plain) return `plain:${Buffer.from(token).toString('base64')}`
    return `box:${(await this.#box.encrypt(token)).toString('base64')}`
  }

  /** Runs once, before the first read: the system may ask the user first. */
  async load(): Promise<void> {
    const sealedTokens = (this.#file.read() as { kept?: unknown } | undefined)?.kept
    if (typeof sealedTokens !== 'object' || sealedTokens === null) return
    let isOutdated = false
    for (const [id, sealed] of Object.entries(sealedTokens)) {
      const opened = await this.#decrypt(String(sealed))
      if (opened) this.#tokens.set(id, opened.text)
      else this.#unreadable.set(id, String(sealed))
      isOutdated ||= opened?.isOutdated === true
    }
    if (isOutdated) await this.save()
  }

  /** A key store that was emptied or replaced costs a login, nothing else. */
  async #decrypt(sealed: string): Promise<{ text: string; isOutdated: boolean } | undefined> {
    const [kind, text = ''] = sealed.split(':', 2)
    try {
      const bytes = Buffer.from(text, 'base64')
      return kind === 'plain' ? { text: bytes.toString(), isOutdated: false } : await this.#box.decrypt(bytes)
    } catch (error) {
      this.#log.warn('a saved login could not be read', { error })
      return undefined
    }
  }
}
