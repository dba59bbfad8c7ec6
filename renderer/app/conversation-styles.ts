import { css } from 'lit'

export const conversationStyles = css`
  :host {
    position: relative;
    display: flex;
    block-size: 100%;
    min-inline-size: 0;
    background: var(--color-surface);
    color: var(--color-text);
    font: var(--type-body);
    overflow: hidden;
  }
  .column {
    position: relative;
    flex: 1;
    min-inline-size: 0;
    display: flex;
    flex-direction: column;
  }
  .fill {
    flex: 1;
    min-block-size: 0;
    display: grid;
    place-content: center;
    overflow-y: auto;
  }
  hb-conversation-header {
    flex: none;
  }
  .panel {
    flex: none;
    inline-size: 340px;
    min-block-size: 0;
    border-inline-start: 1px solid var(--color-border);
    outline: 0;
  }
  .closed {
    flex: none;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: var(--space-2) var(--space-3);
    margin-block: var(--space-2) var(--space-4);
    margin-inline: max(
      calc(var(--timeline-inset) + var(--space-2)),
      calc((100% - var(--timeline-column)) / 2 + var(--space-2))
    );
    padding: 10px var(--space-4);
    border-radius: var(--radius-card);
    background: var(--color-paper);
    color: var(--color-text-muted);
    font: var(--type-secondary);
  }
  .closed p {
    display: flex;
    align-items: center;
    gap: var(--space-2);
    margin: 0;
  }
  .closed hb-icon {
    flex: none;
  }
  .scrim {
    display: none;
  }

  @media print {
    :host,
    .column {
      display: block;
      block-size: auto;
      overflow: visible;
    }
    .panel,
    .scrim,
    .closed {
      display: none !important;
    }
  }

  /* In a narrow window the panel floats over the conversation. */
  @media (width < 68.75em) {
    .panel {
      position: absolute;
      z-index: 3;
      inset-block: 0;
      inset-inline-end: 0;
      max-inline-size: 100%;
      box-shadow: var(--shadow-floating);
    }
    .scrim {
      display: block;
      position: absolute;
      z-index: 2;
      inset: 0;
    }
  }
  @media (width < 45em) {
    .panel {
      inline-size: 100%;
      box-shadow: none;
    }
    :host(.swiping) .panel {
      box-shadow: var(--shadow-floating);
    }
    /* It is covered as a whole: no key leads there. */
    :host(:not(.swiping)) .column:has(~ .panel) {
      visibility: hidden;
    }
  }
`
