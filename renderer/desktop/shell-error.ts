import type { DesktopError } from '../../shared/desktop.ts'
import { t } from '../text/t.ts'

/** The message of a failed call of the shell. It reaches the page as a plain object. */
export function shellErrorMessage(error: unknown): string {
  return shellErrorCode(error) === undefined ? t('error.unexpected') : (error as DesktopError).message
}

export function shellErrorCode(error: unknown): DesktopError['code'] | undefined {
  const { code, message } = (error ?? {}) as Partial<DesktopError>
  return typeof code === 'string' && typeof message === 'string' ? code : undefined
}

/** The member of the input that a failed call of the shell blames. */
export function shellErrorField(error: unknown): string | undefined {
  return (error as Partial<DesktopError> | undefined)?.field
}

/** Runs a call of the shell for a dialog, which shows the message of an Error with a code. */
export async function inWords<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    const message = shellErrorMessage(error)
    throw Object.assign(new Error(message, { cause: error }), { code: shellErrorCode(error) ?? 'internal' })
  }
}
