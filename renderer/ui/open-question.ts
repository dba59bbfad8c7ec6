/** Shows an element that asks the user. Returns what its `hb-result` says: true if the user has agreed and it was done. */
export function openQuestion(element: HTMLElement): Promise<boolean> {
  return new Promise((resolve) => {
    element.addEventListener('hb-result', (event) => {
      element.remove()
      resolve((event as CustomEvent<boolean>).detail)
    })
    document.body.append(element)
  })
}
