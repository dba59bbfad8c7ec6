/** An address or a file that the system opens with the app. */
export type OpenRequest = { url: string } | { file: string }

/**
 * macOS sends these as events, for an app that starts even before it is ready: `entry.ts` listens from its first line,
 * and they wait here until there is something that follows them.
 */
export class OpenRequests {
  readonly #waiting: OpenRequest[] = []
  #follow: ((request: OpenRequest) => void) | undefined

  add(request: OpenRequest): void {
    if (this.#follow) this.#follow(request)
    else this.#waiting.push(request)
  }

  /** Passes on the waiting requests, and from now on each new one. */
  follow(run: (request: OpenRequest) => void): void {
    this.#follow = run
    for (const request of this.#waiting.splice(0)) run(request)
  }
}
