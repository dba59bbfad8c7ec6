import { css } from 'lit'
import { fileNameStyles } from './file-name.ts'

/** A file as a card, in every place that shows one. */
export const fileCardStyles = css`
  ${fileNameStyles}
  .card {
    display: flex;
    align-items: center;
    gap: var(--space-3);
    box-sizing: border-box;
    inline-size: 100%;
    max-inline-size: 22.5rem;
    min-block-size: 3.25rem;
    padding: var(--space-2) var(--space-3);
    border: 1px solid var(--color-border);
    border-radius: var(--radius-card);
    background: var(--color-surface-raised);
    color: var(--color-text);
    text-decoration: none;
  }
  .card > hb-icon {
    flex: none;
    color: var(--color-text-muted);
  }
  a.card:hover {
    border-color: var(--color-border-control);
  }
  a.card:hover .get {
    color: var(--color-accent-text);
  }
  .what {
    flex: 1;
    min-inline-size: 0;
    display: flex;
    flex-direction: column;
  }
  .file-name {
    font: var(--type-body);
    font-weight: 500;
  }
  .size {
    color: var(--color-text-muted);
    font: var(--type-meta);
    font-variant-numeric: tabular-nums;
  }
  .card:focus-visible {
    outline: 2px solid var(--color-focus);
    outline-offset: 2px;
  }
`

export const messageFilesStyles = [
  fileCardStyles,
  css`
    .files {
      display: flex;
      flex-direction: column;
      align-items: start;
      gap: var(--space-2);
      padding-block: var(--space-1);
    }
    .gallery {
      display: grid;
      gap: var(--space-1);
      inline-size: 100%;
    }
    .gallery.alone {
      display: block;
    }
    .gallery.two {
      grid-template-columns: repeat(2, minmax(0, 1fr));
      max-inline-size: 26.25rem;
    }
    .gallery.three {
      grid-template-columns: repeat(3, minmax(0, 1fr));
      max-inline-size: 26.25rem;
    }
    .picture {
      all: unset;
      position: relative;
      display: block;
      max-inline-size: 100%;
      cursor: zoom-in;
      border-radius: var(--radius-card);
    }
    .gallery.alone .picture {
      inline-size: fit-content;
    }
    .picture:focus-visible {
      outline: 2px solid var(--color-focus);
      outline-offset: 2px;
    }
    .gallery img {
      display: block;
      box-sizing: border-box;
      max-inline-size: 100%;
      border-radius: var(--radius-card);
      background: var(--color-button);
      object-fit: cover;
      font-size: 0.75rem;
      color: var(--color-text-muted);
      overflow: hidden;
    }
    .gallery.alone img:not(.cropped) {
      block-size: auto;
    }
    .gallery img.cropped {
      object-position: 0 0;
    }
    .gallery:not(.alone) img {
      inline-size: 100%;
      aspect-ratio: 1;
    }
    .gallery img {
      outline: 1px solid var(--color-border);
      outline-offset: -1px;
    }
    .pending {
      cursor: pointer;
      color: var(--color-text-muted);
    }
    .pending hb-icon {
      position: absolute;
      inset: 0;
      margin: auto;
      inline-size: fit-content;
      block-size: fit-content;
    }
    .moves {
      position: absolute;
      inset-block-end: var(--space-2);
      inset-inline-start: var(--space-2);
      padding: 1px 6px;
      border-radius: var(--radius-control);
      background: rgb(0 0 0 / 60%);
      color: white;
      font: 600 0.6875rem/1rem var(--font-sans);
    }
    hb-media,
    hb-upload {
      max-inline-size: 100%;
    }
    .upload-actions {
      display: flex;
      flex-wrap: wrap;
      gap: var(--space-1) var(--space-4);
    }
    .cancel {
      all: unset;
      cursor: pointer;
      color: var(--color-accent-text);
      font-size: 0.8125rem;
      font-weight: 500;
      line-height: 1.25rem;
    }
    .cancel:hover {
      text-decoration: underline;
      text-underline-offset: 2px;
    }
    .cancel:focus-visible {
      outline: 2px solid var(--color-focus);
      outline-offset: 2px;
      border-radius: 3px;
    }
  `,
]
