import type { MediaSize } from './upload.ts'

/** Measures a picture, sound or video, as far as the browser can. Never fails: it only saves the layout a jump. */
export async function readMediaSize(content: Blob): Promise<MediaSize> {
  const kind = content.type.split('/')[0]
  if (kind !== 'image' && kind !== 'video' && kind !== 'audio') return {}
  const url = URL.createObjectURL(content)
  try {
    return await (kind === 'image' ? readPictureSize(url) : readPlayableSize(url, kind))
  } finally {
    URL.revokeObjectURL(url)
  }
}

const timeoutMs = 4_000

function readPictureSize(url: string): Promise<MediaSize> {
  const picture = new Image()
  return withTimeout<MediaSize>((done) => {
    picture.onload = () => done({ width: picture.naturalWidth, height: picture.naturalHeight })
    picture.onerror = () => done({})
    picture.src = url
  })
}

function readPlayableSize(url: string, kind: 'video' | 'audio'): Promise<MediaSize> {
  const media = document.createElement(kind)
  return withTimeout<MediaSize>((done) => {
    media.preload = 'metadata'
    media.onloadedmetadata = () => {
      const measure: MediaSize = {}
      if (Number.isFinite(media.duration)) measure.duration = Math.round(media.duration * 1000)
      if (media instanceof HTMLVideoElement && media.videoWidth > 0) {
        measure.width = media.videoWidth
        measure.height = media.videoHeight
      }
      done(measure)
    }
    media.onerror = () => done({})
    media.src = url
  })
}

function withTimeout<T extends object>(begin: (done: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({} as T), timeoutMs)
    begin((value) => {
      clearTimeout(timer)
      resolve(value)
    })
  })
}
