import type { DesktopError, DesktopErrorCode } from '../shared/desktop.ts'

/** An error for the page. Any other thrown value reaches the page as `internal`. */
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
