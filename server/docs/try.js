// The script of /api/docs: sends a request of the contract and shows the response. It stores nothing: the token is
// only in its field, and leaving the page discards it.
const $ = (id) => document.getElementById(id)
const [form, choice, input, token] = ['try', 'try-request', 'try-input', 'try-token'].map((id) =>
  id === 'try' ? document.querySelector('#try form') : $(id),
)

function chosen() {
  const { method, path, query, example } = choice.selectedOptions[0].dataset
  return { method, path, query: query === '' ? [] : query.split(' '), example }
}

function isSession() {
  return form.elements.as.value === 'session'
}

function choose(name) {
  if (name) choice.value = name
  input.value = chosen().example
  $('try-problem').textContent = ''
}

/**
 * Returns the request to send, with every member of the input in its place. @throws Error with a message for the
 * user
 */
function build() {
  const { method, path, query } = chosen()
  let members
  try {
    members = JSON.parse(input.value.trim() || '{}')
  } catch (error) {
    throw new Error(`The input is not valid JSON: ${error.message}`, { cause: error })
  }
  if (typeof members !== 'object' || members === null || Array.isArray(members)) {
    throw new Error('The input must be a JSON object: { … }.')
  }
  const rest = { ...members }
  const filled = path.replace(/:([A-Za-z]+)/g, (_, name) => {
    const value = rest[name]
    delete rest[name]
    if (typeof value !== 'string' || value === '')
      throw new Error(`“${name}” is part of the address. Fill it in.`)
    return encodeURIComponent(value)
  })
  const inQuery = new URLSearchParams()
  const hasBody = method !== 'GET' && method !== 'DELETE'
  for (const [name, value] of hasBody ? [] : Object.entries(rest)) {
    if (!query.includes(name)) throw new Error(`This request has no member “${name}”.`)
    inQuery.set(name, String(value))
  }
  const address = inQuery.size > 0 ? `${filled}?${inQuery}` : filled
  return { method, address, body: hasBody ? JSON.stringify(rest) : undefined }
}

/** The same for a terminal. The token is named, not shown. */
function curlOf({ method, address, body }) {
  const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`
  const parts = [
    `curl -X ${method} ${quoted(location.origin + address)}`,
    '-H "Authorization: Bearer $TOKEN"',
  ]
  if (body !== undefined) parts.push(`-H 'Content-Type: application/json' -d ${quoted(body)}`)
  return parts.join(' ')
}

async function headersFor({ method, body }) {
  const headers = {}
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (!isSession()) {
    const value = token.value.trim()
    if (value !== '') headers.authorization = `Bearer ${value}`
    headers['x-hubbub-client'] = 'token'
  } else if (method !== 'GET') {
    const me = await fetch('/api/me')
    if (!me.ok) throw new Error('You are not logged in. Log in from another tab, or use a token.')
    headers['x-csrf-token'] = (await me.json()).csrfToken ?? ''
  }
  return headers
}

async function show(answer) {
  $('try-status').textContent = `${answer.status} ${answer.statusText}`.trim()
  const type = answer.headers.get('content-type') ?? ''
  const body = $('try-body')
  if (type.startsWith('application/json')) body.textContent = JSON.stringify(await answer.json(), null, 2)
  else if (type.startsWith('text/')) body.textContent = await answer.text()
  else body.textContent = answer.status === 204 ? '' : `${type}, ${(await answer.blob()).size} bytes`
  body.hidden = body.textContent === ''
  $('try-answer').hidden = false
}

async function send() {
  $('try-problem').textContent = ''
  try {
    const request = build()
    $('try-curl').textContent = curlOf(request)
    const { method, address, body } = request
    const headers = await headersFor(request)
    // with a token nothing of this browser's session goes along
    const credentials = isSession() ? 'same-origin' : 'omit'
    await show(await fetch(address, { method, headers, body, credentials, cache: 'no-store' }))
  } catch (error) {
    $('try-problem').textContent = error.message
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  void send()
})
form.addEventListener('change', (event) => {
  if (event.target === choice) choose()
  token.disabled = isSession()
})
document.addEventListener('click', (event) => {
  const name = event.target instanceof HTMLElement ? event.target.dataset.try : undefined
  if (name !== undefined) choose(name)
})
choose()
form.hidden = false
