/** Tells destinations and the dead-letter queue what came of an asynchronous invocation, as the function's execution role. */
import { AwsError } from '../../../core/aws-error.ts'
import type { Clock } from '../../../core/clock.ts'
import type { CallOperation } from '../../cloud-service.ts'
import type { AsyncEvent, Condition } from './async-event.ts'
import { callerAt, tellDeadLetter, tellRecord, type Telling } from './destinations.ts'
import type { EventInvokeConfigs } from './event-invoke-config-store.ts'
import type { ExecutionCaller } from '../execution-caller.ts'
import type { Resolved } from '../function-store.ts'
import type { EventMetric, LambdaMetrics } from '../metrics.ts'
import { deadLetterAttributes, invocationRecord, qualifiedArn } from './invocation-record.ts'

export interface Outcomes {
  /** Whether anybody wants to know. */
  concerns(event: AsyncEvent, condition: Condition, resolved: Resolved): boolean
  /** False when a destination had no room for it: it is told again later. What a destination refuses is dropped, as on AWS. */
  tell(event: AsyncEvent, condition: Condition, resolved: Resolved): Promise<boolean>
}

export function createOutcomes(options: {
  readonly configs: EventInvokeConfigs
  readonly callerOf: ExecutionCaller
  readonly call: CallOperation
  readonly metrics: LambdaMetrics
  readonly clock: Clock
  readonly notice: (text: string) => void
}): Outcomes {
  const { configs, callerOf, call, metrics, clock, notice } = options

  function destinations(event: AsyncEvent, condition: Condition, { version }: Resolved) {
    const config = configs.get(event, event.qualifier)
    const isSuccess = condition === 'Success'
    return {
      record: isSuccess ? config?.onSuccess : config?.onFailure,
      deadLetters: isSuccess ? undefined : version.settings.deadLetterArn,
    }
  }

  async function send(
    event: AsyncEvent,
    { version, fn }: Resolved,
    destination: string,
    { telling, failure }: { readonly telling: Telling; readonly failure: EventMetric },
  ): Promise<boolean> {
    const role = callerOf({ ...fn, functionName: fn.name, roleArn: version.settings.roleArn })
    const refused = (reason: string) => {
      metrics.counted({ ...fn, ...(event.qualifier !== undefined && { qualifier: event.qualifier }) }, failure)
      notice(`The outcome of ${qualifiedArn(event)} could not be delivered to ${destination}: ${reason}`)
      return true
    }
    if (!role) return refused(`the role ${version.settings.roleArn} does not exist`)
    try {
      await call(callerAt(role, destination, event.traceId), telling.service, telling.operation, telling.input)
      return true
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      return error.name === 'TooManyRequestsException' ? false : refused(error.message)
    }
  }

  return {
    concerns(event, condition, resolved) {
      const { record, deadLetters } = destinations(event, condition, resolved)
      return record !== undefined || deadLetters !== undefined
    },

    async tell(event, condition, resolved) {
      const { record, deadLetters } = destinations(event, condition, resolved)
      const context = { functionArn: qualifiedArn(event), isSuccess: condition === 'Success' }
      const told = await Promise.all([
        record === undefined ||
          send(event, resolved, record, {
            telling: tellRecord(record, invocationRecord(event, condition, clock.now()), context),
            failure: 'DestinationDeliveryFailures',
          }),
        deadLetters === undefined ||
          send(event, resolved, deadLetters, {
            telling: tellDeadLetter(
              deadLetters,
              Buffer.from(event.payloadBase64, 'base64').toString(),
              deadLetterAttributes(event),
            ),
            failure: 'DeadLetterErrors',
          }),
      ])
      return told.every(Boolean)
    },
  }
}
