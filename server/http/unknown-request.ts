import type { FastifyReply, FastifyRequest } from 'fastify'
import { requests } from '../../shared/contract.ts'
import type { RequestSpec } from '../../shared/contract/define.ts'
import { HubError, notFound } from '../../shared/errors.ts'

/** The paths of files also take the methods of tus, which are no requests of the contract. */
const filePaths = /^\/api\/files(\/|$)/

const routes = Object.values<RequestSpec>(requests)
  .filter(({ path }) => !filePaths.test(path))
  .map(({ method, path }) => ({ method, pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`) }))

/**
 * Returns the error for a request of the API without a route. With another method its path may have one: the response
 * names it. Code and status stay those of `not_found`, which clients expect of a hub that does not know their request yet.
 */
export function unknownRequest(request: FastifyRequest, reply: FastifyReply): HubError {
  const path = request.url.split('?', 1)[0] ?? ''
  const methods = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
  if (methods.length === 0) return notFound('This address')
  const allowed = methods.toSorted().join(', ')
  reply.header('allow', allowed)
  return new HubError('not_found', `This address does not take ${request.method}, only ${allowed}.`)
}
