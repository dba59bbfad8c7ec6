import type { DesktopError, DesktopErrorCode } from '../shared/desktop.ts'

/** An error for the page. Any other thrown value reaches the page as `internal`. */
export class ShellError extends Error {
  readonly code: DesktopErrorCode
  readonly field: string | undefined

  constructor(
    code: DesktopErrorCode,
    message: string,
    options?: ErrorOptions & { field?: string | undefined },
  ) {
    super(message, options)
    this.name = 'ShellError'
    this.code = code
    this.field = options?.field
  }

  toWire(): DesktopError {
    const { code, message, field } = this
    return { code, message, ...(field === undefined ? {} : { field }) }
  }
}
