import { t } from '../text/t.ts'

/** The text for the user about a failed request: the hub's message, or the page's own if there was no response. */
export function errorMessage(error: unknown): string {
  if (!isRequestError(error)) return t('error.unexpected')
  if (error.code === 'offline') return t('error.offline')
  return error.message || t('error.unexpected')
}

/** The input member that is wrong, if the hub named one. */
export function errorField(error: unknown): string | undefined {
  return isRequestError(error) ? error.field : undefined
}

/** The code of the hub's error, or `offline`. */
export function errorCode(error: unknown): string | undefined {
  return isRequestError(error) ? error.code : undefined
}

function isRequestError(error: unknown): error is Error & { code: string; field?: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}
