import sharp from 'sharp'
import { serveTasks } from '../workers/serve-tasks.ts'
import type { ResizedImage, ResizeTask } from './image-resizer.ts'

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
  const { source, width, height, fit, maxPixels, seconds } = task
  const picture = sharp(source, { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: true })
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

serveTasks(resize)
