/** The limits of Lambda that an account can have raised. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
import { ENVIRONMENTS_PER_INTERVAL } from '../../core/lambda-admission.ts'
import type { QuotaDefinition } from '../directories.ts'

const LAMBDA = { serviceCode: 'lambda', serviceName: 'AWS Lambda', adjustable: true } as const

export const LAMBDA_QUOTAS = {
  concurrentExecutions: { ...LAMBDA, quotaCode: 'L-B99A9384', quotaName: 'Concurrent executions', defaultValue: 1000 },
  /** AWS's pages give 250, 500 and 3,000; this is what Lambda's own page of quotas says. */
  networkInterfacesPerVpc: {
    ...LAMBDA,
    quotaCode: 'L-9FEE3D26',
    quotaName: 'Elastic network interfaces per VPC',
    defaultValue: 500,
  },
  /** FIDELITY: AWS's scaling rate is no quota and cannot be changed; here a test may lower it to meet it. The code is ours. */
  environmentsPerInterval: {
    ...LAMBDA,
    quotaCode: 'lambda-function-scaling',
    quotaName: 'Execution environments of a function within ten seconds',
    defaultValue: ENVIRONMENTS_PER_INTERVAL,
  },
} as const satisfies Readonly<Record<string, QuotaDefinition>>

/** FIDELITY: AWS has no such limit; it is told here so that who plans a load of this machine can read it. The code is ours. */
export function hostEnvironments(environmentsMax: number): QuotaDefinition {
  return {
    ...LAMBDA,
    quotaCode: 'lambda-host-environments',
    quotaName: 'Execution environments of this machine',
    defaultValue: environmentsMax,
    adjustable: false,
  }
}
