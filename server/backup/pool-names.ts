import path from 'node:path'

const blobNamePattern = /^files\/([0-9a-f]{2})\/([0-9a-f]{2})\/(\1\2[0-9a-f]{60})$/

/** The file in a pool that a member `files/…` of a point is. @throws Error for any other name */
export function blobFileOf(poolDir: string, member: string): string {
  const match = blobNamePattern.exec(member)
  if (!match) throw new Error('not the name of a stored file')
  return path.join(poolDir, 'blobs', match[1] as string, match[2] as string, match[3] as string)
}
