import { common, createLowlight } from 'lowlight'
import type { Colours } from './code-colours.ts'

const lowlight = createLowlight(common)

/** Undefined for a language that nobody here knows. */
export function colour(text: string, language: string): Colours | undefined {
  const name = language.toLowerCase()
  if (!lowlight.registered(name)) return undefined
  return coloursOf(lowlight.highlight(name, text).children)
}

type Tree = ReturnType<typeof lowlight.highlight>['children']

function coloursOf(children: Tree): Colours {
  return children.flatMap((child): Colours => {
    if (child.type === 'text') return [child.value]
    if (child.type !== 'element') return []
    const { className } = child.properties
    return [
      {
        name: Array.isArray(className) ? className.join(' ') : '',
        children: coloursOf(child.children),
      },
    ]
  })
}
