/** From method, path and query to the name of a REST operation. https://smithy.io/2.0/spec/http-bindings.html#http-trait */
import type { HttpTrait } from './schema.ts'

/** What routing asks of a query string; `URLSearchParams` fits. */
export interface RouteQuery {
  has(name: string): boolean
  get(name: string): string | null
}

export interface RouteMatch {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

export interface Router {
  match(
    method: string,
    path: string,
    query: RouteQuery,
    headers: Readonly<Record<string, unknown>>,
  ): RouteMatch | undefined
}

interface Label {
  readonly name: string
  readonly segment: number
  readonly greedy: boolean
}

interface Route {
  readonly name: string
  readonly method: string
  readonly labels: readonly Label[]
  /** Constants the URI template asks of the query: `find=LayerVersion`. A null value asks for presence only. */
  readonly constants: readonly (readonly [string, string | null])[]
}

interface Node {
  readonly literals: Map<string, Node>
  label: Node | undefined
  greedy: Node | undefined
  readonly routes: Route[]
}

const LABEL = /^\{([^}+]+)(\+)?\}$/

export function createRouter(operations: readonly { readonly name: string; readonly http: HttpTrait }[]): Router {
  const root = createNode()
  for (const { name, http } of operations) insert(root, name, http)

  return {
    match(method, path, query) {
      const segments = path.split('/')
      segments.shift()
      // A trailing slash is not part of the path: older clients call `…/invoke-async/`.
      while (segments.length > 0 && segments.at(-1) === '') segments.pop()
      const route = find(root, segments, 0, (routes) =>
        routes.find((route) => route.method === method && hasConstants(query, route.constants)),
      )
      return route && { name: route.name, labels: labelsFrom(route, segments) }
    },
  }
}

function createNode(): Node {
  return { literals: new Map(), label: undefined, greedy: undefined, routes: [] }
}

function insert(root: Node, name: string, http: HttpTrait): void {
  const [path = '/', query = ''] = http.uri.split('?')
  const labels: Label[] = []
  let node = root
  for (const [segment, text] of path.split('/').filter(Boolean).entries()) {
    const label = LABEL.exec(text)
    if (!label?.[1]) {
      let next = node.literals.get(text)
      if (!next) node.literals.set(text, (next = createNode()))
      node = next
      continue
    }
    const greedy = label[2] !== undefined
    labels.push({ name: label[1], segment, greedy })
    node = greedy ? (node.greedy ??= createNode()) : (node.label ??= createNode())
  }
  const constants = [...new URLSearchParams(query)].map(([key, value]) => [key, value === '' ? null : value] as const)
  node.routes.push({ name, method: http.method, labels, constants })
  // The most specific first: `GET /layers?find=LayerVersion` before `GET /layers`.
  node.routes.sort((a, b) => b.constants.length - a.constants.length)
}

function find(
  node: Node,
  segments: readonly string[],
  index: number,
  choose: (routes: readonly Route[]) => Route | undefined,
): Route | undefined {
  const segment = segments[index]
  if (segment === undefined) return choose(node.routes)
  const literal = node.literals.get(segment)
  return (
    (literal && find(literal, segments, index + 1, choose)) ??
    (node.label && segment !== '' ? find(node.label, segments, index + 1, choose) : undefined) ??
    (node.greedy && choose(node.greedy.routes))
  )
}

function hasConstants(query: RouteQuery, constants: Route['constants']): boolean {
  return constants.every(([key, value]) => (value === null ? query.has(key) : query.get(key) === value))
}

function labelsFrom(route: Route, segments: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const { name, segment, greedy } of route.labels) {
    labels[name] = decoded(greedy ? segments.slice(segment).join('/') : (segments[segment] ?? ''))
  }
  return labels
}

function decoded(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
