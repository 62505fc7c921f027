/** `PUT /telemetry` and `PUT /logs`: an extension subscribes while the environment initialises. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { refuse } from '../extensions-api/refusal.ts'
import { readBody } from '../runtime-api/body.ts'
import { RESPONSE_BYTES_MAX, renderError, renderJson, renderTooLarge } from '../runtime-api/rendering.ts'
import type { Session } from '../runtime-api/session.ts'
import { subscriptionOf, type TelemetryApi } from './subscription.ts'

const OK = Buffer.from('"OK"')

/** Of each API: what its errors are called, the event that tells of a subscription, and the line in the log. */
const NAMES = {
  telemetry: {
    title: 'Telemetry',
    validation: 'ValidationError',
    event: 'platform.telemetrySubscription',
    line: 'TELEMETRY',
  },
  logs: { title: 'Logs', validation: 'Logs.ValidationError', event: 'platform.logsSubscription', line: 'LOGS' },
} as const

export function subscribe(
  api: TelemetryApi,
  session: Session,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const extension = refuse.unidentified(session, request, response, (id) => `Unknown extension ${id}`)
  const { extensions } = session
  if (extension === undefined || extensions === undefined) return
  readBody(request, RESPONSE_BYTES_MAX, (body) => {
    if (body === undefined) return renderTooLarge(response)
    const { title, validation, event } = NAMES[api]
    const { telemetry } = extensions
    if (telemetry.closed) {
      const errorMessage = `${title} API subscription is closed already`
      return refuse.forbidden(response, `${title}.SubscriptionClosed`, errorMessage)
    }
    const subscription = subscriptionOf(api, body)
    const refusal = (errorMessage: string) => renderError(response, 400, { errorMessage, errorType: validation })
    if (typeof subscription === 'string') return refusal(subscription)
    const before = telemetry.of(extension.name)
    // FIDELITY: AWS refuses it, in words that have not been seen.
    if (before !== undefined && before.api !== api) return refusal('already subscribed by the other API')
    if (before === undefined) telemetry.subscribe(extension.name, subscription, extensions.dial)
    const state = before === undefined ? 'Subscribed' : 'Already subscribed'
    const { types } = before ?? subscription
    telemetry.event(event, { name: extension.name, state, types })
    extensions.listener?.subscribed(subscriptionLine(api, extension.name, state, types))
    renderJson(response, 200, OK)
  })
}

/** `TELEMETRY	Name: agent	State: Subscribed	Types: [Platform, Function]` */
function subscriptionLine(api: TelemetryApi, name: string, state: string, types: readonly string[]): string {
  const shown = types.map((type) => `${type.charAt(0).toUpperCase()}${type.slice(1)}`)
  return `${NAMES[api].line}\tName: ${name}\tState: ${state}\tTypes: [${shown.join(', ')}]\n`
}
