import http, { type ClientRequest, type RequestOptions } from 'node:http'

/** Requests of libraries, such as the updater: without Chromium's network, and only to this computer. */
export const net = {
  request: ({
    session: _,
    redirect: __,
    ...options
  }: RequestOptions & Record<string, unknown>): ClientRequest => {
    if (options.hostname !== '127.0.0.1') throw new Error('the stand-in reaches no other computer')
    const request = http.request(options)
    // Electron reports a redirect as an event, and aborts the request unless it is followed
    request.prependListener('response', (response) => {
      const { location } = response.headers
      if (location !== undefined) request.emit('redirect', response.statusCode, 'GET', location)
    })
    return request
  },
}
