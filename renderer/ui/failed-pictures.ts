// Pictures that could not be loaded, most often because the hub was away. A browser never tries them again by itself.
const retries = new Set<() => void>()

/** `retry` is called once, when the hub is back. */
export function retryWhenBack(retry: () => void): void {
  retries.add(retry)
}

/** For the event `error` of an `<img>`. */
export function keepFailedPicture(event: Event): void {
  const picture = event.currentTarget as HTMLImageElement
  retryWhenBack(() => {
    // The same address again starts a new request.
    if (picture.isConnected) picture.setAttribute('src', picture.getAttribute('src') ?? '')
  })
}

/** Call when the hub is back. */
export function loadFailedPictures(): void {
  const due = [...retries]
  retries.clear()
  for (const retry of due) retry()
}
