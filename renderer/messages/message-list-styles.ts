import { css } from 'lit'

export const messageListStyles = css`
  :host {
    display: block;
    position: relative;
    min-block-size: 0;
    flex: 1;
    contain: strict;
  }

  /* The list keeps its position by itself. The browser's own scroll anchoring would move it twice. */
  #scroller {
    position: absolute;
    inset: 0;
    overflow: hidden scroll;
    overflow-anchor: none;
    overscroll-behavior: contain;
    /* To the side a finger swipes: swipe-to-reply.ts. */
    touch-action: pan-y pinch-zoom;
    scrollbar-gutter: stable;
    /* the bar of the day */
    scroll-padding-block-start: 2.25rem;
    outline-offset: -2px;
  }
  /* A short conversation is aligned to the bottom, next to the composer. */
  #content {
    min-block-size: 100%;
    box-sizing: border-box;
    display: flex;
    flex-direction: column;
    justify-content: flex-end;
    /* The scrollbar takes its place from the inset at the end, so that everything is centred in the pane. */
    --inset: max(var(--timeline-inset), calc((100% + var(--gutter, 0px) - var(--timeline-column)) / 2));
    padding-block: var(--space-4) var(--space-1);
    padding-inline: var(--inset) max(0px, calc(var(--inset) - var(--gutter, 0px)));
  }

  /* A thread begins with its parent message, at the top. */
  :host([thread]) #content {
    justify-content: flex-start;
    padding-block-start: var(--space-2);
  }
  :host([thread]) .beginning {
    padding: 0;
  }
  .replies {
    display: flex;
    align-items: center;
    gap: var(--space-3);
    margin: var(--space-3) var(--space-2) 0;
    color: var(--color-text-muted);
    font: var(--type-meta);
  }
  .replies::after {
    content: '';
    flex: 1;
    border-block-start: 1px solid var(--color-border);
  }

  .day {
    position: relative;
  }
  .day h3 {
    position: sticky;
    inset-block-start: 0;
    z-index: 1;
    display: flex;
    justify-content: center;
    margin: 0;
    padding-block: var(--space-2) var(--space-1);
    margin-block-start: var(--space-1);
    pointer-events: none;
    font: inherit;
    container-type: scroll-state;
  }
  /* A bar with a soft edge, so that no long line is covered in its middle. */
  .day h3::after {
    content: '';
    position: absolute;
    inset: 0;
    z-index: -1;
    background: linear-gradient(var(--color-surface) 75%, transparent);
  }
  /* It names the day while the user scrolls. At rest it lets the first lines be read. */
  .day h3 button,
  .day h3::before,
  .day h3::after {
    transition: opacity var(--motion-panel) var(--ease);
  }
  @container scroll-state(stuck: block-start) {
    .resting .day h3 button:not(:hover, :focus-visible),
    .resting .day h3::before,
    .resting .day h3::after {
      opacity: 0;
    }
    .resting .day h3 button:not(:hover, :focus-visible) {
      pointer-events: none;
    }
  }
  .day h3::before {
    content: '';
    position: absolute;
    inset-inline: var(--space-2);
    inset-block-start: calc(var(--space-2) + 0.75rem);
    border-block-start: 1px solid var(--color-border);
  }
  .day h3 button {
    position: relative;
    padding: 0.0625rem var(--space-3);
    pointer-events: auto;
    cursor: pointer;
    font: inherit;
    border-radius: var(--radius-pill);
    border: 1px solid var(--color-border);
    background: var(--color-surface);
    color: var(--color-text-muted);
    font-size: 0.75rem;
    line-height: 1.375rem;
    font-weight: 500;
  }
  .day h3 button:hover {
    color: var(--color-text);
    background: var(--color-surface-hover);
  }

  .new {
    display: flex;
    align-items: center;
    gap: var(--space-3);
    margin: var(--space-3) var(--space-2) 0;
    color: var(--color-accent-text);
    font-size: 0.75rem;
    line-height: 1rem;
    font-weight: 600;
  }
  .new::before,
  .new::after {
    content: '';
    flex: 1;
    border-block-start: 1px solid var(--color-accent);
    opacity: 0.55;
  }

  .beginning {
    padding: var(--space-6) var(--space-2) var(--space-2);
  }
  .begin {
    --avatar-size: 3.5rem;
    color: var(--color-text-muted);
    font: var(--type-body);
    overflow-wrap: anywhere;
  }
  .begin-name {
    margin-block: var(--space-3) 2px;
    color: var(--color-text);
    font: var(--type-heading);
  }
  .empty {
    flex: 1;
    display: grid;
    place-content: center;
    padding: var(--space-6);
  }

  #to-end {
    position: absolute;
    inset-block-end: var(--space-3);
    inset-inline: 0;
    margin-inline: auto;
    inline-size: max-content;
    display: flex;
    align-items: center;
    gap: var(--space-2);
    min-block-size: 2rem;
    padding-inline: var(--space-3);
    border: 1px solid var(--color-border);
    border-radius: var(--radius-pill);
    background: var(--color-surface-raised);
    color: var(--color-text);
    box-shadow: var(--shadow-floating);
    font: 500 0.8125rem / 1.125rem var(--font-sans);
    cursor: pointer;
    animation: appear 120ms ease-out;
  }
  #to-end.counting {
    border-color: transparent;
    background: var(--color-accent-fill);
    color: var(--color-on-accent);
  }
  #to-end.plain span {
    position: absolute;
    clip-path: inset(50%);
    inline-size: 1px;
    overflow: hidden;
    white-space: nowrap;
  }
  #to-end.plain {
    padding-inline: 0.4375rem;
  }
  @keyframes appear {
    from {
      opacity: 0;
      translate: 0 4px;
    }
  }

  .shapes {
    display: grid;
    gap: var(--space-4);
    padding: var(--space-2) var(--space-2) var(--space-4);
  }
  .shape {
    display: flex;
    gap: var(--space-3);
  }
  .shape i,
  .shape b {
    background: var(--color-surface-selected);
    border-radius: var(--radius-control);
  }
  .shape i {
    flex: none;
    inline-size: 2.25rem;
    block-size: 2.25rem;
    border-radius: var(--radius-pill);
  }
  .shape p {
    flex: 1;
    display: grid;
    gap: var(--space-2);
    margin: 0.25rem 0 0;
  }
  .shape b {
    block-size: 0.625rem;
    inline-size: 7rem;
  }
  .shape b + b {
    block-size: 0.75rem;
    inline-size: min(26rem, 70%);
  }
  .shape.s1 b + b {
    inline-size: min(17rem, 50%);
  }
  .shape.s2 b + b {
    inline-size: min(33rem, 85%);
  }

  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  /* All loaded messages, one after the other, with their times and without controls. */
  @media print {
    :host {
      contain: none;
    }
    #scroller {
      position: static;
      overflow: visible;
    }
    #content {
      display: block;
      padding-inline: 0;
    }
    #to-end,
    .shapes,
    .new,
    hb-message-toolbar {
      display: none;
    }
    .day h3 {
      position: static;
      break-after: avoid;
      container-type: normal;
    }
    .day h3 button::after {
      content: ', ' attr(data-date);
    }
    .day h3 :first-child,
    .day h3::before {
      opacity: 1 !important;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    #to-end {
      animation: none;
    }
  }
`
