import { requests } from '../../shared/contract.ts'
import type { RequestSpec } from '../../shared/contract/define.ts'
import { Entry } from '../../shared/contract/entries.ts'
import { errorStatus } from '../../shared/errors.ts'
import { renderDocument, renderMark } from './document.ts'
import { toPlainSchema, replaceWithRefs, splitInput, type JsonSchema } from './openapi.ts'
import { rowsOf, shapeOf, type SchemaRow } from './schema-text.ts'

/** Returns the API documentation as one page without a script. All its content is escaped. */
export function docsPage(version: string): string {
  const specs = Object.values<RequestSpec>(requests)
  const nouns = Map.groupBy(specs, ({ name }) => name.split('.', 1)[0] as string)
  const schemas = namedSchemas(specs)
  const sections = [...nouns].map(([noun, own]) => nounSection(noun, own))
  const links = ['try', ...nouns.keys(), 'Types', 'Entries', 'Errors'].map(
    (name) => `<li><a href="#${escapeHtml(name)}">${escapeHtml(name === 'try' ? 'Try it' : name)}</a></li>`,
  )
  const body = `<header>
${renderMark()}
<div>
<h1>Hubbub API</h1>
<p class="lead">Version ${escapeHtml(version)}. For programs: <a href="/api/openapi.json">openapi.json</a>. The live socket at <code>/live</code> takes the same requests by name, except those that open a session.</p>
</div>
</header>
<nav aria-label="Contents"><ul>${links.join('')}</ul></nav>
<main>
${trySection(specs)}
${sections.join('\n')}
<section id="Types"><h2>Types</h2>
${[...schemas].map(([name, schema]) => typeSection(name, schema)).join('\n')}
</section>
<section id="Entries"><h2>Entries</h2>
${entriesTable()}
</section>
<section id="Errors"><h2>Errors</h2>
<p>The body is <code>{ "error": { "code", "message", "field"?, "retryAfter"? } }</code>; <code>retryAfter</code> is a number of seconds.</p>
<table><thead><tr><th scope="col">Code</th><th scope="col">HTTP</th></tr></thead><tbody>
${Object.entries(errorStatus)
  .map(([code, status]) => `<tr><th scope="row"><code>${escapeHtml(code)}</code></th><td>${status}</td></tr>`)
  .join('\n')}
</tbody></table>
</section>
</main>`
  return renderDocument({ title: 'Hubbub API', style: '/api/docs.css', script: '/api/docs.js', body })
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Renders a text of the contract, in which names are between backticks. */
function renderProse(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

/** Schemas with a name of their own, in the order in which the requests mention them. */
export function namedSchemas(specs: readonly RequestSpec[]): Map<string, JsonSchema> {
  const schemas: Record<string, JsonSchema> = {}
  for (const { input, output } of specs) {
    replaceWithRefs(toPlainSchema(input), schemas)
    if (output) replaceWithRefs(toPlainSchema(output), schemas)
  }
  return new Map(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Returns true if a JSON field can hold the input. */
function canTry(spec: RequestSpec): boolean {
  return spec.body !== 'bytes'
}

/** Sends requests of this page: its script is docs/try.js, and without a script it stays hidden. */
function trySection(specs: readonly RequestSpec[]): string {
  const options = specs.filter(canTry).map((spec) => {
    const { inQuery } = splitInput(spec)
    const example = JSON.stringify(exampleOf(toPlainSchema(spec.input)), null, 2)
    return `<option value="${escapeHtml(spec.name)}" data-method="${spec.method}" data-path="${escapeHtml(spec.path)}" data-query="${escapeHtml(inQuery.join(' '))}" data-example="${escapeHtml(example)}"${spec.name === 'users.list' ? ' selected' : ''}>${escapeHtml(spec.name)}</option>`
  })
  return `<section id="try"><h2>Try it</h2>
<noscript><p>Turn on JavaScript to send requests from this page.</p></noscript>
<form hidden>
<p>These are real requests to this hub. Create a token in Settings, under Tokens. It stays in this field.</p>
<p><label for="try-request">Request</label><select id="try-request">${options.join('')}</select></p>
<p><label for="try-input">Input: the members of path, query and body together</label><textarea id="try-input" rows="7" spellcheck="false"></textarea></p>
<fieldset><legend>Send it as</legend>
<p><label><input type="radio" name="as" value="token" checked> The user of a token</label>
<input id="try-token" type="password" autocomplete="off" aria-label="Token" placeholder="hbt_…"></p>
<p><label><input type="radio" name="as" value="session"> Your login in this browser</label></p>
</fieldset>
<p><button class="button">Send</button></p>
<p id="try-problem" role="alert"></p>
<div id="try-answer" role="status" hidden>
<p>Response <code id="try-status"></code></p>
<pre id="try-body" tabindex="0" aria-label="Response"></pre>
<p>The same request in a terminal:</p>
<pre id="try-curl" tabindex="0" aria-label="The same request in a terminal"></pre>
</div>
</form>
</section>`
}

/** The required members, each with a placeholder of its type. */
function exampleOf({ properties = {}, required = [] }: JsonSchema): Record<string, unknown> {
  return Object.fromEntries(required.map((name) => [name, placeholderOf(properties[name] ?? {})]))
}

function placeholderOf(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.anyOf?.[0]) return placeholderOf(schema.anyOf[0])
  if (schema.type === 'integer') return schema['minimum'] ?? 0
  if (schema.type === 'boolean') return false
  if (schema.type === 'array') return []
  return schema.type === 'object' ? exampleOf(schema) : ''
}

function nounSection(noun: string, specs: readonly RequestSpec[]): string {
  return `<section id="${escapeHtml(noun)}"><h2>${escapeHtml(noun)}</h2>
${specs.map(requestSection).join('\n')}
</section>`
}

function requestSection(spec: RequestSpec): string {
  const { inPath, inQuery } = splitInput(spec)
  const place = (name: string): string =>
    inPath.includes(name) ? 'path' : inQuery.includes(name) ? 'query' : 'body'
  const rows = rowsOf(toPlainSchema(spec.input))
  const output = spec.output ? shapeOf(toPlainSchema(spec.output), false) : 'nothing'
  return `<article id="${escapeHtml(spec.name)}">
<h3><a href="#${escapeHtml(spec.name)}">${escapeHtml(spec.name)}</a></h3>
<p><code class="address"><b>${spec.method}</b> ${escapeHtml(spec.path)}</code></p>
<p>${renderProse(spec.summary)}</p>
<p class="fact">For: ${escapeHtml(spec.access)}${spec.transport ? ' · only over HTTP' : ''}${spec.tokens === 'never' ? ' · not with a personal token' : ''}${canTry(spec) ? ` · <a href="#try" data-try="${escapeHtml(spec.name)}">Try it</a>` : ''}</p>
${rows.length > 0 ? membersTable(rows, place) : ''}
<p>Response ${spec.output ? (spec.status ?? 200) : 204}: <code>${escapeHtml(output)}</code></p>
</article>`
}

function typeSection(name: string, schema: JsonSchema): string {
  return `<article id="type-${escapeHtml(name)}"><h3>${escapeHtml(name)}</h3>${membersTable(rowsOf(schema))}</article>`
}

function membersTable(rows: readonly SchemaRow[], place?: (name: string) => string): string {
  return `<table><thead><tr><th scope="col">Member</th>${place ? '<th scope="col">In</th>' : ''}<th scope="col">Type</th><th scope="col">Note</th></tr></thead><tbody>
${rows
  .map(
    ({ name, shape, required, note }) =>
      `<tr><th scope="row"><code>${escapeHtml(name)}</code>${required ? '' : ' <span class="fact">optional</span>'}</th>${place ? `<td>${place(name)}</td>` : ''}<td><code>${escapeHtml(shape)}</code></td><td>${renderProse(note)}</td></tr>`,
  )
  .join('\n')}
</tbody></table>`
}

/** Lists the content of each entry type, in addition to stream, seq, at and by. */
export function entryRows(): { type: string; carries: string }[] {
  const { anyOf = [] } = toPlainSchema(Entry)
  return anyOf.map((entry) => {
    const { stream: _s, seq: _q, at: _a, by: _b, type, ...rest } = entry.properties ?? {}
    const required = entry.required ?? []
    return { type: String(type?.const), carries: shapeOf({ properties: rest, required }) }
  })
}

function entriesTable(): string {
  return `<table><thead><tr><th scope="col">Type</th><th scope="col">Members, in addition to stream, seq, at, by</th></tr></thead><tbody>
${entryRows()
  .map(
    ({ type, carries }) =>
      `<tr><th scope="row"><code>${escapeHtml(type)}</code></th><td><code>${escapeHtml(carries)}</code></td></tr>`,
  )
  .join('\n')}
</tbody></table>`
}
