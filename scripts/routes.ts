// Writes renderer/connection/routes.ts from the contract. The page cannot import the contract's values: they are
// typebox schemas, dead weight that its CSP would not let it compile anyway.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { requests } from '../shared/contract.ts'

export const routesFile = fileURLToPath(new URL('../renderer/connection/routes.ts', import.meta.url))

/** Returns the text of renderer/connection/routes.ts. */
export function writeRoutes(): string {
  const lines = Object.values(requests).map((spec) => {
    const route = [spec.method, spec.path, ...('transport' in spec ? [spec.transport] : [])]
    return `  '${spec.name}': [${route.map((part) => `'${part}'`).join(', ')}],`
  })
  return `// Made by scripts/routes.ts from shared/contract.ts: change it there.
import type { RequestName } from '../../shared/contract.ts'
import type { Method } from '../../shared/contract/define.ts'

/** Method and path of every request; \`http\`: the socket refuses it. */
export const routes: Readonly<Record<RequestName, readonly [Method, string, 'http'?]>> = {
${lines.join('\n')}
}
`
}

if (import.meta.main) {
  const wanted = writeRoutes()
  if (readFileSync(routesFile, { encoding: 'utf8', flag: 'a+' }) !== wanted) writeFileSync(routesFile, wanted)
}
