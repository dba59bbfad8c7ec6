/**
 * Loads the faces of the bundled colour emoji if the system has no such font: the browser then fetches the slices that a
 * page shows. Elsewhere nothing is loaded. The build gives them the name and the range of `base.css`.
 */
export async function loadEmojiFontIfMissing(): Promise<void> {
  const isMissing = await document.fonts.load("16px 'Hubbub Emoji'", '😀').then(
    (faces) => faces.every(({ status }) => status !== 'loaded'),
    () => true,
  )
  if (isMissing) await import('@infolektuell/noto-color-emoji/index.css')
}
