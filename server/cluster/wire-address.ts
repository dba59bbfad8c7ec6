/** Where a server for messages is, and who may use it. */
export interface WireAddress {
  host: string
  port: number
  username: string | undefined
  password: string | undefined
  connectTimeoutMs: number
  tls: { ca: string | undefined; servername: string | undefined } | undefined
}
