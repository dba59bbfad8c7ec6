// The part after the # of the address (an invite code) never reaches the hub: it is carried over here.
const go = document.getElementById('go')
if (location.protocol === 'http:' && location.pathname !== '/trust') {
  go.href = `https://${location.host}${location.pathname}${location.search}${location.hash}`
}
