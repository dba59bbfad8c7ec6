import { registerHooks } from 'node:module'
import { workerData } from 'node:worker_threads'
import { serveTasks } from '../workers/serve-tasks.ts'
import type { ImageWorkerData, ResizedImage, ResizeTask } from './image-resizer.ts'

if ((workerData as ImageWorkerData).usesWebAssembly) {
  // sharp falls back to its WebAssembly build when its native one cannot be loaded
  registerHooks({
    resolve: (name, context, next) => {
      if (/^@img\/sharp-(?!wasm32)/.test(name))
        throw new Error('native sharp crashes inside Electron on Linux')
      return next(name, context)
    },
  })
}
const { default: sharp } = await import('sharp')

/** The worker of image-resizer.ts. It opens only the formats that browsers show as a picture; of HEIF that is AVIF. */
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    ...['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].flatMap((kind) => [
      `VipsForeignLoad${kind}Buffer`,
      `VipsForeignLoad${kind}File`,
    ]),
  ],
})
sharp.cache(false)
sharp.concurrency(1)

async function resize(task: ResizeTask): Promise<ResizedImage> {
  const { source, width, height, fit, seconds } = task
  const picture = sharp(source, {
    limitInputPixels: await pixelLimit(task),
    failOn: 'error',
    sequentialRead: true,
  })
  const { autoOrient, pages = 1 } = await picture.metadata()
  const { data, info } = await picture
    .timeout({ seconds })
    .autoOrient()
    .resize({ width, height, fit, withoutEnlargement: fit === 'inside' })
    .webp({ quality: 86, effort: 4 })
    .toBuffer({ resolveWithObject: true })
  return {
    type: 'image/webp',
    bytes: new Uint8Array(data),
    width: info.width,
    height: info.height,
    source: { width: autoOrient.width, height: autoOrient.height, moves: pages > 1 },
  }
}

/**
 * A JPEG is shrunk by its decoder, so its full size is never in memory. Not so a progressive one, whose coefficients are
 * all read first. Only the header is read here.
 */
async function pixelLimit({
  source,
  maxPixels,
  maxShrinkablePixels = maxPixels,
}: ResizeTask): Promise<number> {
  const header = sharp(source, {
    limitInputPixels: maxShrinkablePixels,
    failOn: 'error',
    sequentialRead: true,
  })
  const { format, isProgressive } = await header.metadata()
  return format === 'jpeg' && !isProgressive ? maxShrinkablePixels : maxPixels
}

serveTasks(resize)
