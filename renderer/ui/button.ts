import { css } from 'lit'

/**
 * Buttons stay native `<button>`s, so that forms, Enter and password managers work as everywhere:
 * `class="button"`, `"button primary"`, `"button danger"`, `"button quiet"`, `"icon-button"` (with aria-label and title), `"link"`.
 */
export const buttonStyles = css`
  button {
    font: inherit;
    color: inherit;
  }
  .button,
  .icon-button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--space-2);
    border: 1px solid transparent;
    border-radius: var(--radius-control);
    cursor: pointer;
    user-select: none;
    -webkit-user-select: none;
    text-decoration: none;
    transition:
      background-color var(--motion-hover),
      border-color var(--motion-hover);
  }
  .button {
    min-block-size: var(--control-height);
    padding: 6px var(--space-4);
    background: var(--color-button);
    color: var(--color-text);
    font: var(--type-body);
    font-weight: 500;
    max-inline-size: 100%;
    overflow-wrap: anywhere;
  }
  .button:hover {
    background: var(--color-button-hover);
  }
  .button.primary {
    background: var(--color-accent-fill);
    color: var(--color-on-accent);
  }
  .button.primary:hover {
    background: var(--color-accent-fill-hover);
  }
  .button.danger {
    background: var(--color-danger-fill);
    color: var(--color-on-danger);
  }
  .button.danger:hover {
    background: var(--color-danger-fill-hover);
  }
  .button.quiet {
    background: transparent;
  }
  .button.quiet:hover {
    background: var(--color-surface-hover);
  }
  .button.wide {
    inline-size: 100%;
  }
  .button.small {
    min-block-size: 28px;
    padding: 2px var(--space-3);
    font: var(--type-label);
  }
  .icon-button {
    inline-size: 2rem;
    block-size: 2rem;
    flex: none;
    padding: 0;
    background: transparent;
    color: var(--color-text-muted);
  }
  .icon-button:hover,
  .icon-button[aria-expanded='true'],
  .icon-button[aria-pressed='true'] {
    background: var(--color-surface-hover);
    color: var(--color-text);
  }
  .button:disabled,
  .button[aria-disabled='true'],
  .icon-button:disabled,
  .icon-button[aria-disabled='true'] {
    opacity: 0.5;
    cursor: default;
  }
  .button:active:not(:disabled),
  .icon-button:active:not(:disabled) {
    filter: brightness(0.96);
  }
  .link {
    border: 0;
    padding: 0;
    background: none;
    color: var(--color-accent-text);
    font-weight: 500;
    cursor: pointer;
    text-decoration: none;
    border-radius: 3px;
  }
  .link:hover {
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  @media (forced-colors: active) {
    .button,
    .icon-button {
      border-color: ButtonBorder;
    }
    /* what the dialog is for stays recognizable without its colour */
    .button.primary,
    .button.danger,
    .button.primary:hover,
    .button.danger:hover {
      forced-color-adjust: none;
      border-color: ButtonText;
      background: ButtonText;
      color: ButtonFace;
    }
  }
  @media (pointer: coarse) {
    .icon-button {
      inline-size: 40px;
      block-size: 40px;
    }
    .button:not(.small) {
      min-block-size: 44px;
    }
  }
`
