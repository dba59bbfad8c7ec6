import type { DesktopError } from '../../shared/desktop.ts'
import { t } from '../text/t.ts'

/** What the shell says about a call that failed. It crosses to the page as a plain object. */
export function shellErrorMessage(error: unknown): string {
  return shellErrorCode(error) === undefined ? t('error.unexpected') : (error as DesktopError).message
}

export function shellErrorCode(error: unknown): DesktopError['code'] | undefined {
  const { code, message } = (error ?? {}) as Partial<DesktopError>
  return typeof code === 'string' && typeof message === 'string' ? code : undefined
}
