/** `POST /extension/register`: an external extension under its file's name, an internal one under a name of its own. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from '../runtime-api/body.ts'
import { RESPONSE_BYTES_MAX, renderJson, renderTooLarge } from '../runtime-api/rendering.ts'
import type { Session } from '../runtime-api/session.ts'
import type { Extension, ExtensionEventType } from './extension.ts'
import { EXTENSIONS_MAX, type Extensions } from './extensions.ts'
import { refuse } from './refusal.ts'

export function register(session: Session, request: IncomingMessage, response: ServerResponse): void {
  readBody(request, RESPONSE_BYTES_MAX, (body) => {
    if (body === undefined) return renderTooLarge(response)
    const name = request.headers['lambda-extension-name']
    if (typeof name !== 'string' || name === '') {
      return refuse.forbidden(response, 'Extension.InvalidExtensionName', 'Empty extension name')
    }
    const events = eventsOf(body)
    if (typeof events === 'string') return refuse.forbidden(response, 'InvalidRequestFormat', events)
    const extensions = session.openExtensions()
    const extension = extensions?.named(name)
    const isExternal = extension?.isExternal === true
    const wrong = events.find((event) => event !== 'INVOKE' && !(isExternal && event === 'SHUTDOWN'))
    if (wrong !== undefined) {
      return refuse.forbidden(response, 'Extension.InvalidEventType', `${wrong}: ${INVALID_EVENT}`)
    }
    if (extensions === undefined || (extensions.closed && !isExternal)) {
      return refuse.forbidden(response, 'Extension.RegistrationClosed', 'Extension registration closed already')
    }
    if (extension !== undefined && !isExternal) {
      const taken = 'Extension with this name already registered'
      return refuse.forbidden(response, 'Extension.InvalidExtensionState', taken)
    }
    if (extension === undefined && extensions.count >= EXTENSIONS_MAX) {
      const limit = `Extension limit (${EXTENSIONS_MAX}) reached`
      return refuse.forbidden(response, 'Extension.TooManyExtensions', limit)
    }
    const registered = extension ?? extensions.addInternal(name)
    const from = registered.state
    if (!registered.become('Registered')) return refuse.transition(response, from, 'Registered', name)
    registered.events = [...new Set(events as ExtensionEventType[])]
    answer(extensions, registered, request, response)
    extensions.changed()
  })
}

/** FIDELITY: the words after the event's name have not been seen. */
const INVALID_EVENT = 'invalid event type'

/** A text: what is wrong with the body. FIDELITY: AWS's text is that of Go's JSON decoder. */
function eventsOf(body: Buffer): readonly string[] | string {
  try {
    const parsed = JSON.parse(body.toString()) as { events?: unknown; configurationKeys?: unknown } | null
    const { events = [], configurationKeys = [] } = parsed ?? {}
    if (Array.isArray(configurationKeys) && configurationKeys.length > 0) {
      return 'configurationKeys are deprecated; use environment variables instead'
    }
    if (Array.isArray(events) && events.every((event) => typeof event === 'string')) return events
    return 'json: cannot unmarshal events into Go struct field .events of type []core.Event'
  } catch (error) {
    return (error as Error).message
  }
}

function answer(
  { image }: Extensions,
  extension: Extension,
  { headers }: IncomingMessage,
  response: ServerResponse,
): void {
  const features = String(headers['lambda-extension-accept-feature'] ?? '').split(',')
  const body = {
    functionName: image.functionName,
    functionVersion: image.version,
    handler: image.handler,
    ...(features.some((feature) => feature.trim() === 'accountId') ? { accountId: image.account } : {}),
  }
  response.setHeader('lambda-extension-identifier', extension.id)
  renderJson(response, 200, Buffer.from(JSON.stringify(body)))
}
