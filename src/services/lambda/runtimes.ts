/**
 * Which runtime names Lambda takes for a new or updated function.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
 */
import { AwsError } from '../../core/aws-error.ts'
import type { RuntimeCommand } from '../../compute/compute.ts'
import { supportedRuntime, UnsupportedRuntimeError } from '../../compute/runtimes/catalogue.ts'
import { invalidParameter } from './errors.ts'

/** In the order in which AWS's message lists them, as recorded in January 2026. */
export const SUPPORTED_RUNTIMES = [
  'nodejs20.x',
  'python3.14',
  'provided.al2023',
  'python3.12',
  'python3.13',
  'nodejs24.x',
  'nodejs22.x',
  'java25',
  'python3.10',
  'python3.11',
  'java21',
  'ruby3.3',
  'ruby3.4',
  'ruby3.2',
  'python3.8',
  'python3.9',
  'java17',
  'nodejs16.x',
  'dotnet10',
  'dotnet8',
  'java11',
  'dotnet6',
  'nodejs18.x',
  'provided.al2',
  'java8.al2',
]

/** In the service's model of autumn 2026; the recorded message does not list them yet. */
const NEWER = ['nodejs26.x', 'python3.15', 'ruby4.0', 'java8.al2023', 'java11.al2023', 'java17.al2023']

const DEPRECATED = [
  'nodejs',
  'nodejs4.3',
  'nodejs4.3-edge',
  'nodejs6.10',
  'nodejs8.10',
  'nodejs10.x',
  'nodejs12.x',
  'nodejs14.x',
  'python2.7',
  'python3.6',
  'python3.7',
  'ruby2.5',
  'ruby2.7',
  'java8',
  'go1.x',
  'dotnetcore1.0',
  'dotnetcore2.0',
  'dotnetcore2.1',
  'dotnetcore3.1',
  'provided',
]

/** Throws `AwsError` for a name that AWS refuses, and for one that this machine cannot run. */
export function requireRuntime(runtime: string, runtimeCommand: (runtime: string) => RuntimeCommand | undefined): void {
  if (DEPRECATED.includes(runtime)) {
    throw invalidParameter(
      `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
    )
  }
  if (!SUPPORTED_RUNTIMES.includes(runtime) && !NEWER.includes(runtime)) {
    throw invalidParameter(
      `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${SUPPORTED_RUNTIMES.join(', ')}] or be a valid ARN`,
    )
  }
  // FIDELITY: refused when the function is made rather than when it is first invoked.
  if (!supportedRuntime(runtime) && !runtimeCommand(runtime)) {
    throw new AwsError('NotImplemented', new UnsupportedRuntimeError(runtime).message, { status: 501 })
  }
}
