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
