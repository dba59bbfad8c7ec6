/** 32 bytes as canonical base64url: the last character carries four bits, so its two lowest bits are zero. */
export function isHubId(text: string): boolean {
  return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(text)
}
