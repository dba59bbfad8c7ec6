import { common, createLowlight } from 'lowlight'
import type { HighlightTree } from './code-highlighting.ts'

const lowlight = createLowlight(common)

/** Returns undefined for an unknown language. */
export function highlight(text: string, language: string): HighlightTree | undefined {
  const name = language.toLowerCase()
  if (!lowlight.registered(name)) return undefined
  return toHighlightTree(lowlight.highlight(name, text).children)
}

type HastChildren = ReturnType<typeof lowlight.highlight>['children']

function toHighlightTree(children: HastChildren): HighlightTree {
  return children.flatMap((child): HighlightTree => {
    if (child.type === 'text') return [child.value]
    if (child.type !== 'element') return []
    const { className } = child.properties
    return [
      {
        name: Array.isArray(className) ? className.join(' ') : '',
        children: toHighlightTree(child.children),
      },
    ]
  })
}
