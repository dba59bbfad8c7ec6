import { safeStorage } from 'electron'
import type { SecretBox } from './ports.ts'

/** The system's key store. */
export const systemSecretBox: SecretBox = {
  protection: async () => {
    if (!(await safeStorage.isAsyncEncryptionAvailable())) return 'none'
    if (process.platform !== 'linux') return 'protected'
    // without a key ring, Chromium uses a password that is public in its source
    const backend = safeStorage.getSelectedStorageBackend()
    return backend === 'basic_text' || backend === 'unknown' ? 'unprotected' : 'protected'
  },
  encrypt: (text) => safeStorage.encryptStringAsync(text),
  decrypt: async (bytes) => (await safeStorage.decryptStringAsync(bytes)).result,
}
