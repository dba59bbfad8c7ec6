import { parentPort } from 'node:worker_threads'
import sharp from 'sharp'
import type { ResizedImage, ResizeResult, ResizeJob } from './image-resizer.ts'

/** The thread of pictures.ts. Of all that the library could open, only what browsers show as a picture; of HEIF that is AVIF. */
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

async function resize(job: ResizeJob): Promise<ResizedImage> {
  const { source, width, height, fit, maxPixels, seconds } = job
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

async function runJob(job: ResizeJob): Promise<ResizeResult> {
  try {
    return { id: job.id, made: await resize(job) }
  } catch (error) {
    return { id: job.id, problem: error instanceof Error ? error.message : String(error) }
  }
}

parentPort?.on('message', (job: ResizeJob) => {
  void runJob(job).then((done) => parentPort?.postMessage(done))
})
