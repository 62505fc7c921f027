/**
 * PutPermission and RemovePermission: who else may use a bus.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
 */
import type { Condition } from '@aws-sdk/client-eventbridge'

import { AwsError } from '../../core/aws-error.ts'
import {
  attachedPolicyFrom,
  statementsOf,
  withStatements,
  type AttachedPolicy,
  type PolicyStatementObject,
} from '../attached-policy.ts'
import type { Caller } from '../caller.ts'
import { validation } from './errors.ts'
import { POLICY_BYTES_MAX } from './limits.ts'
import { busArn, DEFAULT_BUS, type BusLocation } from './locations.ts'
import type { BusRecord } from './records.ts'
import type { EventsOperations, EventsService } from './service.ts'

export const busPolicy: EventsOperations = {
  PutPermission: {
    permissions: () => [{ action: 'events:PutPermission', resource: '*' }],
    handle(input, caller, events) {
      const location = ownBus(caller, input.EventBusName)
      const bus = events.requireBus(location)
      const { Policy: text, Action: action, Principal: principal, StatementId: id } = input
      if (text !== undefined) {
        if (action !== undefined || principal !== undefined || id !== undefined || input.Condition !== undefined) {
          throw validation('Please specify either a resource policy or the parameters of one statement.')
        }
        put(bus, wholePolicy(text, events), events)
        return {}
      }
      if (action === undefined || principal === undefined || id === undefined) {
        throw validation('Parameter Action, Principal and StatementId must be specified.')
      }
      const statement: PolicyStatementObject = {
        Sid: id,
        Effect: 'Allow',
        Principal: principal === '*' ? '*' : { AWS: `arn:aws:iam::${principal}:root` },
        Action: action,
        Resource: busArn(location),
        ...(input.Condition && { Condition: conditionFrom(input.Condition) }),
      }
      // A statement of that name is replaced.
      const others = bus.policy ? statementsOf(bus.policy).filter(({ Sid }) => Sid !== id) : []
      const current = bus.policy ?? { text: JSON.stringify({ Version: '2012-10-17' }), bindings: {} }
      put(bus, withStatements(current, [...others, statement], events.identities), events)
      return {}
    },
  },

  RemovePermission: {
    permissions: () => [{ action: 'events:RemovePermission', resource: '*' }],
    handle(input, caller, events) {
      const bus = events.requireBus(ownBus(caller, input.EventBusName))
      if (input.RemoveAllPermissions === true) {
        put(bus, undefined, events)
        return {}
      }
      if (input.StatementId === undefined) throw validation('Parameter StatementId must be specified.')
      if (!bus.policy) throw new AwsError('ResourceNotFoundException', 'EventBus does not have a policy.')
      const statements = statementsOf(bus.policy)
      const kept = statements.filter(({ Sid }) => Sid !== input.StatementId)
      if (kept.length === statements.length) {
        throw new AwsError('ResourceNotFoundException', 'Statement with the provided id does not exist.')
      }
      put(bus, withStatements(bus.policy, kept, events.identities), events)
      return {}
    },
  },
}

function wholePolicy(text: string, { identities }: EventsService): AttachedPolicy {
  const policy = attachedPolicyFrom(text, identities)
  if (!policy)
    throw validation(
      'Parameter Policy is not valid. Reason: The policy is malformed or names a principal that does not exist.',
    )
  return policy
}

/** FIDELITY: AWS documents one condition, on `aws:PrincipalOrgID`; so do we, and its words for others have not been seen. */
function conditionFrom({ Type, Key, Value }: Condition): object {
  if (Type !== 'StringEquals' || Key !== 'aws:PrincipalOrgID' || Value === undefined) {
    throw validation('Condition type must be StringEquals and its key aws:PrincipalOrgID.')
  }
  return { StringEquals: { [Key]: Value } }
}

function put(bus: BusRecord, policy: AttachedPolicy | undefined, events: EventsService): void {
  if (policy && Buffer.byteLength(policy.text) > POLICY_BYTES_MAX) {
    throw new AwsError('PolicyLengthExceededException', `Policy length exceeds the maximum of ${POLICY_BYTES_MAX}.`)
  }
  const { policy: _, ...rest } = bus
  events.buses(bus).put(bus.name, { ...rest, ...(policy && { policy }), modifiedAtMs: events.clock.now() })
}

function ownBus({ account, region }: Caller, name: string = DEFAULT_BUS): BusLocation {
  return { account, region, name }
}
