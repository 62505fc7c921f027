/** The machine, not AWS, cannot start another execution environment. */

export class HostCapacityError extends Error {
  override readonly name = 'HostCapacityError'
}
