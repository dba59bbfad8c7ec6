/**
 * The public halves of the keys that sign releases, in base64 (SPKI). `node scripts/release-key.ts` makes one;
 * docs/packaging.md says how it is kept and changed. While there is none, the app takes no package from a hub.
 */
export const releaseKeys: readonly string[] = []

/** An app that runs from its sources takes another key, so that the tests need not have the real one. */
export function trustedKeys(isPackaged: boolean, env: NodeJS.ProcessEnv): readonly string[] {
  const given = env['HUBBUB_RELEASE_KEY']
  return isPackaged || !given ? releaseKeys : [given]
}
