import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { protocolDocs } from '../../scripts/protocol-docs.ts'
import { openApi, type OpenApiOperation } from '../../server/docs/openapi.ts'
import { docsPage, escapeHtml } from '../../server/docs/page.ts'
import { requests } from '../../shared/contract.ts'
import { isWriteMethod, pathParameters, type RequestSpec } from '../../shared/contract/define.ts'
import { Entry } from '../../shared/contract/entries.ts'
import { errorStatus } from '../../shared/errors.ts'
import { startTestHub } from '../support/hub.ts'

const specs = Object.values<RequestSpec>(requests)
const openApiDocument = openApi('1.2.3')

function operationOf(spec: RequestSpec): OpenApiOperation {
  const path = spec.path.replace(/:([A-Za-z]+)/g, '{$1}')
  const operation = openApiDocument.paths[path]?.[spec.method.toLowerCase()]
  if (!operation) throw new Error(`${spec.name} is missing`)
  return operation
}

test('docs/protocol.md matches the contract (run npm run docs after a change)', () => {
  const written = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')
  expect(written.replaceAll('\r\n', '\n')).toBe(protocolDocs())
})

test('docs/protocol.md names every request, entry and error', () => {
  const text = protocolDocs()
  for (const { name, method, path } of specs) {
    expect(text).toContain(`| [\`${name}\`]`)
    expect(text).toContain(`${method} \`${path}\``)
  }
  for (const { properties } of Entry.anyOf) expect(text).toContain(`| \`${properties.type.const}\` |`)
  for (const code of Object.keys(errorStatus)) expect(text).toContain(`| \`${code}\` |`)
  expect(text).not.toContain('undefined')
  expect(text).not.toContain('[object')
})

test('OpenAPI has every request once, with each input property in one place', () => {
  const ids = Object.values(openApiDocument.paths).flatMap((path) =>
    Object.values(path).map((one) => one.operationId),
  )
  expect(ids.sort()).toEqual(specs.map(({ name }) => name).sort())
  for (const spec of specs) {
    const { parameters = [], requestBody } = operationOf(spec)
    const members = parameters.filter((one) => one.in !== 'header').map((one) => one.name)
    const body = Object.keys(requestBody?.content['application/json']?.schema.properties ?? {})
    if (spec.body === 'bytes') {
      expect(Object.keys(requestBody?.content ?? {})).toContain('image/png')
      continue
    }
    expect([...members, ...body].sort(), spec.name).toEqual(Object.keys(spec.input.properties).sort())
    const inPath = parameters.filter((one) => one.in === 'path')
    expect(inPath.map((one) => one.name)).toEqual(pathParameters(spec.path))
    expect(inPath.every((one) => one.required)).toBe(true)
    if (spec.method === 'GET') expect(requestBody).toBe(undefined)
  }
})

test('OpenAPI states who may call a request, and that a write with a cookie needs the CSRF token', () => {
  for (const spec of specs) {
    const { security } = operationOf(spec)
    if (spec.access === 'anyone') expect(security).toEqual([])
    else expect(security.some((way) => 'csrf' in way)).toBe(isWriteMethod(spec.method))
  }
})

test('every reference in OpenAPI resolves, and its schemas are plain JSON Schema', () => {
  const text = JSON.stringify(openApiDocument)
  const references = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)]
  expect(references.length).toBeGreaterThan(50)
  for (const [, kind, name] of references) {
    expect(openApiDocument.components[kind as 'schemas'], `${kind}/${name}`).toHaveProperty(name as string)
  }
  expect(text).not.toContain('"$id"')
  expect(text).not.toContain('~')
})

test('the schema of a response allows additional properties, that of a body does not', () => {
  expect(JSON.stringify(openApiDocument.components.schemas)).not.toContain('additionalProperties":false')
  const body = operationOf(requests['messages.send']).requestBody
  expect(body?.content['application/json']?.schema).toMatchObject({
    additionalProperties: false,
    required: ['cid', 'text'],
  })
})

test('the hub serves protocol.md and OpenAPI without a session', async () => {
  const { url } = await startTestHub()
  const json = await fetch(`${url}/api/openapi.json`)
  expect(json.headers.get('content-type')).toContain('application/json')
  expect(await json.json()).toMatchObject({ openapi: '3.1.0', paths: { '/api/login': { post: {} } } })
  const page = await fetch(`${url}/api/docs`)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const html = await page.text()
  const [, style] = /<link rel="stylesheet" href="([^"]+)">/.exec(html) ?? []
  const css = await fetch(url + (style as string))
  expect(css.headers.get('content-type')).toBe('text/css; charset=utf-8')
})

test('the reference page runs two external scripts, has nothing inline and loads nothing from other origins', () => {
  const html = docsPage('1.2.3')
  for (const { name } of specs) expect(html).toContain(`<article id="${name}">`)
  expect(html.match(/<script[^]*?<\/script>/g)).toEqual([
    '<script src="/appearance.js"></script>',
    '<script type="module" src="/api/docs.js"></script>',
  ])
  expect(html).not.toMatch(/<style|style=|\son\w+=|javascript:|https?:\/\//)
  const ids = new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id))
  for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target)
})

test('the reference page escapes text from the contract', () => {
  expect(escapeHtml(`<img src="x" onerror='y'>&`)).toBe(
    '&#60;img src=&#34;x&#34; onerror=&#39;y&#39;&#62;&#38;',
  )
  expect(docsPage('<b>')).toContain('Version &#60;b&#62;.')
})
