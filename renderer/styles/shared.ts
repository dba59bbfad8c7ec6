import { css } from 'lit'

/** The base styles of every element with a shadow root. */
export const baseStyles = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  :focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: 2px;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  ::selection {
    background: color-mix(in oklab, var(--color-accent) 32%, transparent);
  }
  .visually-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .scroll {
    overflow-y: auto;
    overscroll-behavior: contain;
    /* To the side a finger swipes. */
    touch-action: pan-y pinch-zoom;
    scrollbar-width: thin;
    scrollbar-color: var(--color-border-control) transparent;
  }
`
