// The shell's view of the system, as small interfaces. Code that takes one of these is plain Node, and runs in a test
// without Electron.

export interface Clock {
  /** In milliseconds since some moment, for spans: it does not jump when the clock of the computer is set. */
  now(): number
  setTimeout(run: () => void, ms: number): Timer
  clearTimeout(timer: Timer): void
}

export type Timer = unknown

export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

/** Encrypts with a key that the system keeps for this user. */
export interface SecretBox {
  /** `unprotected`: it encrypts, but with a publicly known key. `none`: it does not encrypt. */
  protection(): Promise<'protected' | 'unprotected' | 'none'>
  encrypt(text: string): Promise<Buffer>
  /** `isOutdated`: encrypt it again, since the key changed. @throws if the key store is locked or another one */
  decrypt(bytes: Buffer): Promise<{ text: string; isOutdated: boolean }>
}

export interface Log {
  info(text: string, details?: object): void
  warn(text: string, details?: object): void
  error(text: string, details?: object): void
}

/** One end of a channel to the page. */
export interface PagePort {
  post(message: unknown): void
  close(): void
  onMessage(run: (message: unknown) => void): void
  onClose(run: () => void): void
}
