import { safeStorage } from 'electron'
import type { SecretBox } from './ports.ts'

/** The first bytes of what Chromium encrypts on Linux with a key that is in its source. */
const publicKeyPrefix = 'v10'

/**
 * The system's key store. What it protects is read off a probe: Electron answers "available" also with a public key, and
 * its name of the backend is that of the older, synchronous functions.
 */
export const systemSecretBox: SecretBox = {
  protection: async () => {
    if (!(await safeStorage.isAsyncEncryptionAvailable())) return 'none'
    let probe: Buffer
    try {
      probe = await safeStorage.encryptStringAsync('probe')
    } catch {
      // locked, or the user refused
      return 'none'
    }
    if (process.platform !== 'linux') return 'protected'
    return probe.toString('latin1', 0, publicKeyPrefix.length) === publicKeyPrefix
      ? 'unprotected'
      : 'protected'
  },
  encrypt: (text) => safeStorage.encryptStringAsync(text),
  decrypt: async (bytes) => {
    const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(bytes)
    return { text: result, isOutdated: shouldReEncrypt }
  },
}
