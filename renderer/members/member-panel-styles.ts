import { css } from 'lit'

export const memberPanelStyles = css`
  .add,
  .filter {
    margin-block-end: var(--space-2);
  }
  .add {
    inline-size: 100%;
    justify-content: flex-start;
    gap: var(--space-3);
    padding: 6px var(--space-2);
    color: var(--color-accent-text);
  }
  .add i {
    display: grid;
    place-items: center;
    inline-size: 2rem;
    block-size: 2rem;
    border-radius: var(--radius-pill);
    background: var(--color-accent-tint);
  }
  .filter {
    display: block;
    inline-size: 100%;
    min-block-size: 34px;
    padding: 5px var(--space-3);
    border: 1px solid var(--color-border-field);
    border-radius: var(--radius-control);
    background: var(--color-control);
    color: var(--color-text);
    font: var(--type-body);
  }
  .filter::placeholder {
    color: var(--color-text-muted);
    opacity: 1;
  }
  li {
    position: relative;
    display: flex;
    align-items: center;
    border-radius: var(--radius-control);
    content-visibility: auto;
    contain-intrinsic-block-size: 48px;
  }
  li:hover,
  li:has(:focus-visible) {
    background: var(--color-surface-hover);
  }
  .user {
    --avatar-size: 2rem;
    all: unset;
    box-sizing: border-box;
    flex: 1;
    min-inline-size: 0;
    display: flex;
    align-items: center;
    gap: var(--space-3);
    min-block-size: 3rem;
    padding: var(--space-1) var(--space-2);
    border-radius: var(--radius-control);
    cursor: pointer;
  }
  .user:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: -2px;
  }
  .words {
    flex: 1;
    min-inline-size: 0;
    font: var(--type-secondary);
    color: var(--color-text-muted);
  }
  .words > :not(.line),
  .name {
    display: block;
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  /* The role is on the line of the name, so that the one below has all the room. */
  .line {
    display: flex;
    align-items: center;
    gap: var(--space-2);
  }
  .line > .name {
    flex: 1;
  }
  .name {
    color: var(--color-text);
    font: var(--type-body);
    font-weight: 500;
    line-height: 1.25rem;
  }
  .name small {
    font: var(--type-secondary);
    color: var(--color-text-muted);
  }
  .role {
    flex: none;
    padding: 1px var(--space-2);
    border-radius: var(--radius-pill);
    background: var(--color-button);
    color: var(--color-text-muted);
    font: var(--type-meta);
  }
  hb-menu {
    flex: none;
    margin-inline-end: var(--space-1);
  }
  /* With a mouse the actions take the place of the role while the pointer is over the row, or the keyboard in it. */
  @media (hover: hover) {
    hb-menu {
      position: absolute;
      inset-inline-end: 0;
    }
    hb-menu:not([open]) {
      opacity: 0;
    }
    li:hover hb-menu,
    li:has(:focus-visible) hb-menu {
      opacity: 1;
    }
    li.able:is(:hover, :has(:focus-visible)) .user {
      padding-inline-end: 40px;
    }
    li.able:is(:hover, :has(:focus-visible)) .role,
    li.able:has(hb-menu[open]) .role {
      display: none;
    }
  }
  .more {
    display: block;
    margin: var(--space-3) auto;
  }
  .none {
    padding: var(--space-4) var(--space-2);
    color: var(--color-text-muted);
    text-align: center;
  }
  .shape {
    block-size: 48px;
    margin-block-end: 2px;
    border-radius: var(--radius-control);
    background: var(--color-surface-hover);
  }
`
