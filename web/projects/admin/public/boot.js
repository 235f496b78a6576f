/* global addEventListener, HTMLLinkElement, HTMLScriptElement, location, sessionStorage, setTimeout */
// Runs before the application, and only for the case that a part of it does not arrive: a browser on the
// server itself drops its requests when a container's network comes or goes. Then the page loads once more.
;(() => {
  const key = 'startd.reloads'
  const most = 5
  addEventListener(
    'error',
    (event) => {
      if (!(event.target instanceof HTMLScriptElement || event.target instanceof HTMLLinkElement)) return
      const reloads = Number(sessionStorage.getItem(key) ?? 0)
      if (reloads >= most) return
      sessionStorage.setItem(key, String(reloads + 1))
      setTimeout(() => location.reload(), 400 * 2 ** reloads)
    },
    true,
  )
  addEventListener('startd:ready', () => sessionStorage.removeItem(key))
})()
