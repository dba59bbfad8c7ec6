// The appearance that the user has chosen in this browser, for the documents outside the page: the API reference, the page
// about the certificate and the one for unknown addresses. In their heads, so that no other theme is seen before.
// `renderer/styles/appearance.ts` stores the choice and validates it; an unknown value matches no rule of the tokens.
const moreContrast = matchMedia('(prefers-contrast: more)')

function readChoice() {
  try {
    return Object(JSON.parse(localStorage.getItem('hubbub-appearance') ?? '{}'))
  } catch {
    return {}
  }
}

function applyChoice() {
  const { theme, accent, textSize, contrast } = readChoice()
  const { dataset } = document.documentElement
  for (const [name, value] of Object.entries({ theme, accent, textSize })) {
    if (typeof value === 'string') dataset[name] = value
    else delete dataset[name]
  }
  dataset.contrast = contrast === 'more' || moreContrast.matches ? 'more' : 'normal'
}

applyChoice()
moreContrast.addEventListener('change', applyChoice)
addEventListener('storage', applyChoice)
