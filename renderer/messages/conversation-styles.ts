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
  hb-conversation-header,
  hb-composer {
    flex: none;
  }
  hb-member-panel {
    flex: none;
    inline-size: 340px;
  }
  .scrim {
    display: none;
  }

  /* Where three panes are too many, the panel floats over the conversation. */
  @media (max-width: 1099px) {
    hb-member-panel {
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
  @media (max-width: 719px) {
    hb-member-panel {
      inline-size: 100%;
      box-shadow: none;
    }
  }
`
