import { css } from 'lit'

/** The panes of the shell; below 720 pixels one at a time. */
export const shellStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    block-size: 100%;
    font: var(--type-body);
    color: var(--color-text);
  }
  .panes {
    flex: 1;
    min-block-size: 0;
    display: grid;
    grid-template-columns: var(--list-width, clamp(240px, 18.5rem, 40vw)) auto minmax(0, 1fr);
    grid-template-rows: minmax(0, 1fr);
  }
  hb-chat-list {
    border-inline-end: 1px solid var(--color-border);
  }
  .pane {
    display: flex;
    min-inline-size: 0;
    min-block-size: 0;
    background: var(--color-surface);
  }
  .pane:focus {
    outline: none;
  }
  .settings {
    flex: 1;
    min-block-size: 0;
    display: grid;
    grid-template-rows: minmax(0, 1fr);
  }
  hb-conversation,
  .pane > hb-search,
  hb-threads,
  hb-my-activity,
  hb-saved,
  .pane > hb-empty-state {
    flex: 1;
    min-inline-size: 0;
  }
  @media print {
    :host,
    .panes,
    .pane {
      display: block !important;
      block-size: auto;
    }
    hb-chat-list,
    hb-splitter,
    hb-connection-banner {
      display: none !important;
    }
  }
  .choices {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: var(--space-2);
  }
  @media (width < 56.25em) {
    .panes {
      grid-template-columns: min(var(--list-width, 16.5rem), 40vw) auto minmax(0, 1fr);
    }
  }
  @media (width < 45em) {
    .panes {
      grid-template-columns: minmax(0, 1fr);
    }
    .panes > hb-splitter,
    .panes[data-chat]:not(.swiping) > hb-chat-list,
    .panes:not([data-chat]) > .pane {
      display: none;
    }
    .panes > hb-chat-list,
    .panes > .pane {
      grid-area: 1 / 1;
    }
    .pane {
      touch-action: pan-y pinch-zoom;
    }
    .swiping > .pane {
      z-index: 1;
      box-shadow: var(--shadow-floating);
    }
    hb-chat-list {
      border-inline-end: 0;
    }
  }
`
