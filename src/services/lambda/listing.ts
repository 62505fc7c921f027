/** The order of Lambda's lists, and the page marker. */
import { AwsError } from '../../core/aws-error.ts'
import { LATEST } from './function-name.ts'

/** Sorts `$LATEST` first and versions by number. */
export function versionOrder(version: string): string {
  return version === LATEST ? '' : version.padStart(VERSION_DIGITS, '0')
}

const VERSION_DIGITS = 12

/** FIDELITY: AWS's words for a marker it did not make are not established. */
export function invalidMarker(): AwsError {
  return new AwsError('InvalidParameterValueException', 'The provided Marker is invalid.')
}
