import { css } from 'lit'

/** A view over all chats in place of a conversation: a bar and a list. */
export const overviewStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    block-size: 100%;
    min-block-size: 0;
    background: var(--color-surface);
    color: var(--color-text);
    font: var(--type-body);
  }
  header {
    flex: none;
    display: flex;
    align-items: center;
    gap: var(--space-2);
    min-block-size: var(--bar-height);
    padding-inline: var(--space-6);
    border-block-end: 1px solid var(--color-border);
  }
  h2 {
    font: var(--type-title);
  }
  .back {
    display: none;
  }
  /* The column of a conversation; rows have 8 pixels of their own. */
  .column {
    flex: 1;
    min-block-size: 0;
    padding-block: var(--space-3);
    padding-inline: max(var(--timeline-inset), calc((100% - var(--timeline-column)) / 2));
  }
  .fill {
    flex: 1;
    display: grid;
    place-content: center;
  }
  @media (width < 45em) {
    header {
      padding-inline: var(--space-1);
    }
    .back {
      display: inline-flex;
    }
  }
`
