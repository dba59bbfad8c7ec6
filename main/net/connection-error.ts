import { isNetworkError } from './identity.ts'

/**
 * Why a connection failed. `stranger`: the other end has proven a different identity, or none at all. `clock`: its
 * certificate is not valid at this time. `offline`: anything that may be different in a minute.
 */
export type ConnectionErrorKind = 'offline' | 'stranger' | 'clock' | 'not-tls'

const identityErrorCodes = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

export function connectionErrorKind(error: unknown): ConnectionErrorKind {
  if (isNetworkError(error)) return 'offline'
  const code = String((error as { code?: unknown } | null)?.code)
  if (identityErrorCodes.has(code)) return 'stranger'
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'clock'
  if (code.startsWith('ERR_SSL_')) return 'not-tls'
  return 'offline'
}
