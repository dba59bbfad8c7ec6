import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import type { File } from '../../shared/contract/files.ts'
import { bytesText } from '../text/bytes.ts'
import { baseStyles } from '../styles/shared.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import { fitSize, fileKindOf } from './file-display.ts'
import { fileCardStyles } from './files-styles.ts'
import { fileCard } from './file-card.ts'
import { fileName } from './file-name.ts'

/** Limit for media that is held in memory to be played, if it cannot be fetched in ranges. */
const maxInMemoryBytes = 64 * 1024 * 1024

/**
 * A sound or video with the browser's own player. Only what a video shows first is fetched before the user plays it.
 * If a player cannot request ranges (the desktop), the whole file is fetched when it is played.
 */
export class HbMedia extends LitElement {
  static override properties = {
    file: { attribute: false },
    address: { attribute: false },
    supportsRanges: { attribute: false },
    objectUrl: { state: true },
    problem: { state: true },
    loading: { state: true },
  }
  static override styles = [
    baseStyles,
    fileCardStyles,
    css`
      :host {
        display: block;
      }
      figure {
        margin: 0;
        display: flex;
        flex-direction: column;
        gap: var(--space-1);
        inline-size: fit-content;
        max-inline-size: 100%;
      }
      video {
        display: block;
        max-inline-size: 100%;
        block-size: auto;
        border-radius: var(--radius-card);
        background: oklch(0.2 0.008 60);
      }
      audio {
        display: block;
        inline-size: 22.5rem;
        max-inline-size: 100%;
        block-size: 2.75rem;
      }
      figcaption {
        display: flex;
        gap: var(--space-2);
        align-items: baseline;
        min-inline-size: 0;
        font: var(--type-secondary);
        color: var(--color-text-muted);
      }
      figcaption .file-name {
        align-self: baseline;
        font: inherit;
      }
      figcaption a {
        flex: none;
        color: var(--color-accent-text);
      }
      button.card {
        font: inherit;
        text-align: start;
        cursor: pointer;
        inline-size: 22.5rem;
      }
    `,
  ]

  declare file: File
  declare address: string
  declare supportsRanges: boolean
  declare objectUrl: string | undefined
  declare problem: string | undefined
  declare loading: boolean

  constructor() {
    super()
    this.supportsRanges = true
    this.objectUrl = undefined
    this.problem = undefined
    this.loading = false
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#releaseObjectUrl()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('file')
    if (before && before.id !== this.file.id) {
      this.#releaseObjectUrl()
      this.problem = undefined
    }
  }

  protected override render(): unknown {
    const { file, problem } = this
    if (problem && fileKindOf(file) === 'video') return this.#renderCard(problem)
    const source = this.supportsRanges ? this.address : this.objectUrl
    if (source === undefined) return this.#renderPlayButton()
    return html`<figure>
      ${fileKindOf(file) === 'video' ? this.#renderVideo(source) : this.#renderAudio(source)}
      <figcaption>
        ${fileName(file.name)}<span>${bytesText(file.size)}</span>
        <a href=${this.address} download=${file.name} aria-label=${t('files.download', { name: file.name })}
          >${t('files.downloadShort')}</a
        >
      </figcaption>
      ${problem ? html`<span class="size" role="status">${problem}</span>` : nothing}
    </figure>`
  }

  #renderVideo(source: string): unknown {
    const { width, height } = fitSize(this.file)
    return html`<video
      controls
      playsinline
      preload="metadata"
      src=${source}
      width=${width}
      height=${height}
      aria-label=${this.file.name}
      @error=${this.#onError}
    ></video>`
  }

  #renderAudio(source: string): unknown {
    return html`<audio
      controls
      preload="none"
      src=${source}
      aria-label=${this.file.name}
      @error=${this.#onError}
    ></audio>`
  }

  /** A video that is missing, or that this browser cannot play, is shown like any other file. */
  #renderCard(problem: string): unknown {
    return html`${fileCard(this.file, this.address)}<span class="size" role="status">${problem}</span>`
  }

  #renderPlayButton(): unknown {
    const { file } = this
    const large = file.size > maxInMemoryBytes
    return html`<button
        class="card"
        ?disabled=${large}
        aria-disabled=${this.loading}
        aria-label=${t('files.play', { name: file.name })}
        @click=${this.#load}
      >
        <hb-icon name="play" .size=${22}></hb-icon>
        <span class="what"
          >${fileName(file.name)}<span class="size"
            >${this.problem ?? (large ? t('files.tooLargeToPlay') : bytesText(file.size))}</span
          ></span
        >
      </button>
      <a href=${this.address} download=${file.name}>${t('files.downloadShort')}</a>`
  }

  #load = async (): Promise<void> => {
    if (this.loading) return
    this.loading = true
    this.problem = undefined
    try {
      const response = await fetch(this.address, { credentials: 'same-origin' })
      if (!response.ok) throw new Error(String(response.status))
      this.objectUrl = URL.createObjectURL(await response.blob())
    } catch {
      this.problem = t('files.loadFailed')
    } finally {
      this.loading = false
    }
  }

  #onError = (event: Event): void => {
    const { error } = event.target as HTMLMediaElement
    const isStrange = error?.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED
    this.problem = t(isStrange ? 'files.cannotPlay' : 'files.loadFailed')
  }

  #releaseObjectUrl(): void {
    if (this.objectUrl !== undefined) URL.revokeObjectURL(this.objectUrl)
    this.objectUrl = undefined
  }
}

customElements.define('hb-media', HbMedia)

declare global {
  interface HTMLElementTagNameMap {
    'hb-media': HbMedia
  }
}
