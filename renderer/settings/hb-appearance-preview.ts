import { css, html, LitElement } from 'lit'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import { buttonStyles } from '../ui/button.ts'
import '../ui/hb-avatar.ts'
import '../ui/hb-icon.ts'

/** A piece of the page that shows each choice of the appearance as it is made. It is drawn by the same tokens. */
export class HbAppearancePreview extends LitElement {
  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: block;
      }
      .frame {
        display: grid;
        grid-template-columns: minmax(7rem, 2fr) 3fr;
        border: 1px solid var(--color-border);
        border-radius: var(--radius-card);
        overflow: hidden;
      }
      .list {
        min-inline-size: 0;
        padding: var(--space-2);
        background: var(--color-paper);
      }
      .row {
        --avatar-size: var(--row-avatar);
        --avatar-ring: var(--color-paper);
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-block-size: var(--row-height);
        padding: var(--row-padding) var(--space-2);
        border-radius: var(--radius-control);
      }
      .row[data-selected] {
        background: var(--color-surface-selected);
      }
      .words {
        flex: 1;
        min-inline-size: 0;
      }
      .words > * {
        display: block;
        overflow: hidden;
        white-space: nowrap;
        text-overflow: ellipsis;
      }
      .second {
        display: var(--row-second-line);
        min-inline-size: 0;
        font: var(--type-secondary);
        color: var(--color-text-muted);
      }
      .second span {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .unread {
        padding: 1px 6px;
        border-radius: var(--radius-pill);
        background: var(--color-accent-fill);
        color: var(--color-on-accent);
        font: var(--type-meta);
        font-weight: 600;
      }
      .messages {
        min-inline-size: 0;
        padding: 0 var(--space-3) var(--space-3);
        background: var(--color-surface);
      }
      .message {
        --avatar-size: var(--message-avatar);
        display: grid;
        grid-template-columns: var(--message-avatar) minmax(0, 1fr);
        column-gap: var(--space-2);
        padding-block: var(--message-gap) var(--message-padding);
      }
      .message p {
        overflow-wrap: anywhere;
      }
      .message p + p {
        padding-block-start: calc(2 * var(--message-padding));
      }
      b {
        font-weight: 600;
      }
      .time {
        font: var(--type-meta);
        color: var(--color-text-muted);
      }
      .mention {
        color: var(--color-accent-text);
        font-weight: 500;
      }
    `,
  ]

  override render() {
    return html`<div class="frame" role="img" aria-label=${t('appearance.preview')}>
      <div class="list" aria-hidden="true">
        <div class="row" data-selected>
          <hb-avatar user-id="preview-ann" name="Ann" .presence=${'active' as const}></hb-avatar>
          <span class="words">
            <b>Ann</b><span class="second"><span>${t('appearance.previewSecond')}</span></span>
          </span>
        </div>
        <div class="row">
          <hb-avatar user-id="preview-kitchen" name="kitchen" kind="group"></hb-avatar>
          <span class="words"
            ><b>kitchen</b><span class="second"><span>${t('appearance.previewGroup')}</span></span></span
          >
          <span class="unread">2</span>
        </div>
      </div>
      <div class="messages" aria-hidden="true">
        <div class="message">
          <hb-avatar user-id="preview-ann" name="Ann"></hb-avatar>
          <div>
            <b><bdi>Ann</bdi></b> <span class="time"><bdi>10:42</bdi></span>
            <p>${t('appearance.previewFirst')}</p>
            <p>${t('appearance.previewSecond')}</p>
          </div>
        </div>
        <div class="message">
          <hb-avatar user-id="preview-bo" name="Bo"></hb-avatar>
          <div>
            <b><bdi>Bo</bdi></b> <span class="time"><bdi>10:44</bdi></span>
            <p><bdi class="mention" dir="ltr">@ann</bdi> ${t('appearance.previewAnswer')}</p>
          </div>
        </div>
      </div>
    </div>`
  }
}

customElements.define('hb-appearance-preview', HbAppearancePreview)

declare global {
  interface HTMLElementTagNameMap {
    'hb-appearance-preview': HbAppearancePreview
  }
}
