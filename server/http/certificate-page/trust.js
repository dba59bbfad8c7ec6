// The part after the # of the address (an invite code) never reaches the hub: it is carried over here.
const go = document.getElementById('go')
if (location.protocol === 'http:' && location.pathname !== '/trust') {
  const rest = `${location.pathname}${location.search}${location.hash}`
  go.href = `https://${location.host}${rest}`
  // The name of the hub itself goes with it to another computer, and with it the login of this browser. Not every system
  // can resolve it.
  const own = go.dataset.ownHost
  if (own && own !== location.host) {
    fetch(`http://${own}/trust/here`, { mode: 'cors', signal: AbortSignal.timeout(3000) }).then(
      (response) => {
        if (response.status === 204) go.href = `https://${own}${rest}`
      },
      () => {},
    )
  }
}
