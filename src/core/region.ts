/** AWS Region codes of the `aws` partition: `us-east-1`, `ap-southeast-2`, … */

declare const region: unique symbol
export type Region = string & { readonly [region]: true }

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/

export function isRegion(value: string): value is Region {
  return REGION.test(value)
}

/** Throws `TypeError` naming the value when it is not shaped like a Region code. */
export function parseRegion(value: string): Region {
  if (!isRegion(value)) throw new TypeError(`\`${value}\` is not a Region, expected a code such as us-east-1`)
  return value
}
