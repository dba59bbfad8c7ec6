import { css, unsafeCSS } from 'lit'

/** Lightness and chroma of a colour in oklch; its hue comes from the user. */
export type Shade = readonly [lightness: number, chroma: number]

interface Tone {
  /** The ground and the letters on it. */
  light: readonly [ground: Shade, letters: Shade]
  dark: readonly [ground: Shade, letters: Shade]
  /** Of a line around it, in light and dark. */
  ring?: readonly [light: Shade, dark: Shade]
}

/** The hues of users and hubs: `--user-0` … `--user-9` in the tokens. */
export const hueCount = 10

/** Three tones of each hue: a tint, a full colour, and a pale ground in a ring. Letters have 4.5:1 on each. */
export const tones: readonly Tone[] = [
  { light: [[0.89, 0.06], [0.38, 0.1]], dark: [[0.42, 0.085], [0.92, 0.05]] },
  { light: [[0.5, 0.11], [0.985, 0.012]], dark: [[0.76, 0.095], [0.25, 0.045]] },
  {
    light: [[0.96, 0.022], [0.42, 0.11]],
    dark: [[0.29, 0.035], [0.86, 0.08]],
    ring: [[0.7, 0.1], [0.58, 0.09]],
  },
] // prettier-ignore

const oklch = ([lightness, chroma]: Shade) => `oklch(${lightness} ${chroma} var(--hue))`

function toneRule({ light, dark, ring }: Tone, index: number): string {
  return `.tone-${index} {
    --hue-tint: light-dark(${oklch(light[0])}, ${oklch(dark[0])});
    --on-hue-tint: light-dark(${oklch(light[1])}, ${oklch(dark[1])});
    ${ring ? `--hue-ring: inset 0 0 0 2px light-dark(${oklch(ring[0])}, ${oklch(ring[1])});` : ''}
  }`
}

/** The classes of `faceOf`: a hue and a tone of it, as a tint and the letters on it. */
export const hueStyles = css`
  ${unsafeCSS(Array.from({ length: hueCount }, (_, n) => `.hue-${n} { --hue: var(--user-${n}); }`).join('\n'))}
  ${unsafeCSS(tones.map(toneRule).join('\n'))}
`
