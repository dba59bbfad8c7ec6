import { css, unsafeCSS } from 'lit'

/** `hue-0` … `hue-9`: the ten hues of users and hubs (`hueOf`), as a tint and the text on it. */
export const hueStyles = css`
  [class*='hue-'] {
    --hue-tint: light-dark(oklch(0.89 0.06 var(--hue)), oklch(0.42 0.085 var(--hue)));
    --on-hue-tint: light-dark(oklch(0.38 0.1 var(--hue)), oklch(0.92 0.05 var(--hue)));
  }
  ${unsafeCSS(Array.from({ length: 10 }, (_, n) => `.hue-${n} { --hue: var(--user-${n}); }`).join('\n'))}
`
