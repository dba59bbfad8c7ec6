import tls from 'node:tls'
import type { Log } from '../ports.ts'

/**
 * Trusts the roots of this system besides those of Node: the authority of a company is only there, and browsers trust
 * it too. Pinned hubs are not affected, since their only root is their own.
 */
export function trustSystemRoots(log: Log): void {
  try {
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])
  } catch (error) {
    log.warn('the certificates of the system could not be read', { error })
  }
}
