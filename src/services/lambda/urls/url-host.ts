/**
 * Where function URLs are. AWS's `https://<id>.lambda-url.<region>.on.aws/` becomes a host name that leads to this machine, or a path; what
 * AWS calls the host is understood, too. Pure.
 */

export interface UrlAddress {
  readonly id: string
  /** Only where the host name tells it. */
  readonly region?: string
  /** What the function sees of the path, still percent-encoded. */
  readonly rawPath: string
}

const HOST = /^([a-z0-9]{32})\.lambda-url\.([a-z0-9-]+)\.(?:localhost|on\.aws)(?::\d+)?$/i
const PATH = /^\/lambda-url\/([a-z0-9]{32})(\/.*)?$/

/** Undefined for a request that is not to a function URL. */
export function urlAddress(host: string | undefined, path: string): UrlAddress | undefined {
  const [, byHost, region] = HOST.exec(host ?? '') ?? []
  if (byHost !== undefined && region !== undefined) return { id: byHost.toLowerCase(), region, rawPath: path }
  const [, byPath, rawPath = '/'] = PATH.exec(path) ?? []
  return byPath === undefined ? undefined : { id: byPath, rawPath }
}

/** For machines that resolve the names below `localhost`. */
export function urlByHost(id: string, region: string, port: number): string {
  return `http://${id}.lambda-url.${region}.localhost:${port}/`
}

/** For all others. `endpoint` has no slash at its end. */
export function urlByPath(id: string, endpoint: string): string {
  return `${endpoint}/lambda-url/${id}/`
}
