import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { openApi } from './docs/openapi.ts'
import { docsPage } from './docs/page.ts'

/** What the hub tells about its requests, made from the contract: for programs and for people, who can try them there. No secrets, no session. */
export async function apiDocs(app: FastifyInstance): Promise<void> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const json = JSON.stringify(openApi(version))
  const page = docsPage(version)
  const style = readFileSync(new URL('docs/docs.css', import.meta.url), 'utf8')
  const script = readFileSync(new URL('docs/try.js', import.meta.url), 'utf8')
  app.get('/api/openapi.json', async (_request, reply) => reply.type('application/json').send(json))
  app.get('/api/docs', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page))
  app.get('/api/docs.css', async (_request, reply) => reply.type('text/css; charset=utf-8').send(style))
  app.get('/api/docs.js', async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(script),
  )
}
