import type { DesktopError, DesktopErrorCode } from '../shared/desktop.ts'

/** What the page is told when something in the shell goes wrong. Anything else that is thrown is told as `internal`. */
export class ShellError extends Error {
  readonly code: DesktopErrorCode

  constructor(code: DesktopErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ShellError'
    this.code = code
  }

  toWire(): DesktopError {
    return { code: this.code, message: this.message }
  }
}
