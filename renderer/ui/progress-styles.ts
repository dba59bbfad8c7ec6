import { css } from 'lit'

/** A bar of `<progress>` without the browser's own look. */
export const progressStyles = css`
  progress {
    appearance: none;
    display: block;
    inline-size: 100%;
    block-size: 3px;
    border: 0;
    border-radius: var(--radius-pill);
    overflow: hidden;
    background: var(--color-button);
  }
  progress::-webkit-progress-bar {
    background: transparent;
  }
  progress::-webkit-progress-value {
    background: var(--color-accent);
  }
  progress::-moz-progress-bar {
    background: var(--color-accent);
  }
`
