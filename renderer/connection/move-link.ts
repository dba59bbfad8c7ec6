// The link by which a browser goes on at another address of the hub. The fragment never leaves the browser.

const fragmentPattern = /^#move=([A-Za-z0-9_-]{1,1000})(?:\.([A-Za-z0-9_-]+))?$/

export interface MoveFragment {
  ticket: string
  sealedParcel: string | undefined
}

/** The same page of the hub, at this address. */
export function moveLink(address: string, path: string, fragment?: MoveFragment): string {
  const link = `https://${address}${path}`
  if (!fragment) return link
  const { ticket, sealedParcel } = fragment
  return `${link}#move=${ticket}${sealedParcel === undefined ? '' : `.${sealedParcel}`}`
}

/** Takes the ticket out of the address bar and of the history. Call it before anything else reads the address. */
export function takeMoveFragment(): MoveFragment | undefined {
  const [, ticket, sealedParcel] = fragmentPattern.exec(location.hash) ?? []
  if (ticket === undefined) return undefined
  history.replaceState(history.state, '', location.pathname + location.search)
  return { ticket, sealedParcel }
}
