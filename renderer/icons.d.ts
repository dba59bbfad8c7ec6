/** An SVG of lucide-static as a Lit template: see the `icons` plugin in vite.config.ts. */
declare module '*.svg?icon' {
  export const icon: import('lit').SVGTemplateResult
}
