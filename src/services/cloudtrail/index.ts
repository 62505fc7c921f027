/** CloudTrail: a record of every call, as event history and as files. See README.md. */
import { AwsError } from '../../core/aws-error.ts'
import { loadPackage } from '../../core/load-package.ts'
import { serviceDescriptions } from '../../wire/service-description.ts'
import type { CloudService, Foundations } from '../cloud-service.ts'
import type { EndpointDirectory } from '../directories.ts'
import { bindOperations } from '../operation.ts'
import { createTokenBuckets } from '../token-buckets.ts'
import { createEventHistory } from './event-history.ts'
import type { NetworkInterfaceOf } from './invoke-event.ts'
import { LOOKUPS_PER_SECOND } from './limits.ts'
import { lookupEvents } from './lookup-events.ts'
import { createRecorder, type Trail } from './recorder.ts'
import { createTrailFiles } from './trail-files.ts'

export type { Trail } from './recorder.ts'

export interface CloudTrail {
  readonly service: CloudService
  readonly trail: Trail
  /** The accounts are others now: their past is forgotten, files included. */
  stateReplaced(): void
  /** Writes what is still waiting to be written. */
  close(): Promise<void>
}

const LOOKUP_RATE = { capacity: LOOKUPS_PER_SECOND, refillPerSecond: LOOKUPS_PER_SECOND }

export function createCloudTrail(
  options: Foundations & {
    /** Where the files are. */
    readonly directory: string
    readonly endpoints: EndpointDirectory
    readonly networkInterfaceOf: NetworkInterfaceOf
    readonly notice: (text: string) => void
  },
): CloudTrail {
  const { clock, ids, endpoints, directory, notice, networkInterfaceOf } = options
  const files = createTrailFiles(directory, clock, (error) => {
    const reason = error instanceof Error ? error.message : String(error)
    notice(`CloudTrail's records could not be written to \`${directory}\`: ${reason}`)
  })
  const history = createEventHistory(clock, (account) => files.lines(account, '"eventCategory":"Management"'))
  const recorder = createRecorder({
    history,
    files,
    sources: { ids, endpoints },
    networkInterfaceOf,
    onError: (error) =>
      notice(
        `CloudTrail could not record a call: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      ),
    onLost: () => notice('CloudTrail could not record every call, because there were too many at once'),
  })
  const rates = createTokenBuckets(clock)
  return {
    trail: recorder,
    stateReplaced() {
      recorder.clear()
      history.clear()
      files.clear()
    },
    close() {
      recorder.flush()
      return files.close()
    },
    service: {
      description: serviceDescriptions.cloudtrail,
      operations: bindOperations({ history, recorder }, [lookupEvents]),
      loadSdk: () => loadPackage('@aws-sdk/client-cloudtrail'),
      loadConstraints: async () => (await import('../../wire/constraints/cloudtrail.ts')).constraints,
      admit({ account, region }, operation) {
        if (operation !== 'LookupEvents' || rates.take(`${account}/${region}`, LOOKUP_RATE)) return
        throw new AwsError('ThrottlingException', 'Rate exceeded')
      },
      accessDenied: (message) => new AwsError('AccessDeniedException', message),
    },
  }
}
