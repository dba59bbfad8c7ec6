// Goes on as soon as the hub is here again.
const intervalMs = 3000
setInterval(() => {
  fetch('/api/meta', { cache: 'no-store' }).then(
    (response) => {
      if (response.ok) location.reload()
    },
    () => {},
  )
}, intervalMs)
