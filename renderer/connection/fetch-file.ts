import type { WireError } from '../../shared/errors.ts'
import { fromWireError, offlineError } from './request.ts'

/** Fetches a response that is a file, not JSON. @throws RequestError */
export async function fetchFile(address: string): Promise<Blob> {
  const response = await fetch(address, { credentials: 'same-origin', cache: 'no-store' }).catch(
    (error: unknown) => {
      throw offlineError(error)
    },
  )
  if (response.ok) return response.blob()
  const body: unknown = await response.json().catch(() => undefined)
  const error = (body as { error?: Partial<WireError> } | undefined)?.error
  throw error ? fromWireError(error) : offlineError()
}

/** Gives a file to the user as a download. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
