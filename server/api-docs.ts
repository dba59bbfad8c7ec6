import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import { createAsset, sendAsset, type Asset } from './page-assets.ts'
import { programFile, programVersion } from './program-files.ts'

/**
 * Serves the API documentation, generated from the contract, for programs and for users, who can try requests
 * there. It has no secrets and needs no session. Each document is generated on its first request, which does not
 * happen at every start.
 */
export async function registerApiDocs(app: FastifyInstance): Promise<void> {
  const serve = (path: string, type: string, make: () => Promise<string>): void => {
    let made: Promise<Asset> | undefined
    app.get(path, async (request, reply) => {
      made ??= make().then((text) => createAsset(Buffer.from(text), type))
      return sendAsset(await made, request, reply.header('cache-control', 'no-store'))
    })
  }
  serve('/api/openapi.json', 'application/json', async () => {
    const { openApi } = await import('./docs/openapi.ts')
    return JSON.stringify(openApi(programVersion()))
  })
  serve('/api/docs', 'text/html; charset=utf-8', async () => {
    const { docsPage } = await import('./docs/page.ts')
    return docsPage(programVersion())
  })
  serve('/api/docs.css', 'text/css; charset=utf-8', async () => {
    const parts = await Promise.all(['docs/document.css', 'docs/docs.css'].map(readDocsFile))
    return parts.join('')
  })
  serve('/api/docs.js', 'text/javascript; charset=utf-8', () => readDocsFile('docs/try.js'))
}

function readDocsFile(name: string): Promise<string> {
  return readFile(programFile(name), 'utf8')
}
