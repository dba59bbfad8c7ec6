/** Made by the emoji plugin in vite.config.ts. */
declare module 'emoji:en' {
  export const table: string
}
