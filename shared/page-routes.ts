/** Routes of the page. The hub serves these with index.html and 200, all others with 404.html and 404. */
export const pageRoutes: readonly RegExp[] = [
  /^\/$/,
  /^\/login\/?$/,
  /^\/register\/?$/,
  /^\/setup\/?$/,
  /^\/join\/?$/,
  /^\/recover\/?$/,
  /^\/reset\/?$/,
  /^\/admin(\/[a-z]{0,32})?\/?$/,
  /^\/settings(\/[a-z]{0,32})?\/?$/,
  // a chat, a message by its number, a reply in the thread of that message by its number
  /^\/chat\/[A-Za-z0-9_-]{1,64}(\/\d{1,15}){0,2}\/?$/,
  /^\/threads\/?$/,
  /^\/activity\/?$/,
  /^\/saved\/?$/,
]

export function isPageRoute(path: string): boolean {
  return pageRoutes.some((page) => page.test(path))
}
