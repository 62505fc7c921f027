/** Names and ARNs of layers and their versions. https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html */
import { parseAccountId, type AccountId } from '../../../core/account.ts'
import { parseRegion, type Region } from '../../../core/region.ts'
import type { Caller } from '../../caller.ts'

/** A layer, or one version of it. */
export interface LayerTarget {
  readonly account: AccountId
  readonly region: Region
  readonly name: string
  readonly version?: number
}

export type LayerVersionTarget = LayerTarget & { readonly version: number }

const LAYER_ARN = /^arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):(\d{12}):layer:([a-zA-Z0-9-_]+)(?::(\d+))?$/

/** `name` is a bare name, which belongs to the caller's account, or an ARN without a version; the wire layer has checked its pattern. */
export function layerTarget(caller: Caller, name: string): LayerTarget {
  const { account, region } = caller
  return parseLayerArn(name) ?? { account, region, name }
}

export function layerVersionTarget(caller: Caller, name: string, version: number): LayerVersionTarget {
  return { ...layerTarget(caller, name), version }
}

/** Undefined for what is no ARN of a layer version, and for AWS's own `arn:aws:lambda:::awslayer:…`. */
export function parseLayerVersionArn(arn: string): LayerVersionTarget | undefined {
  const target = parseLayerArn(arn)
  return target?.version === undefined ? undefined : { ...target, version: target.version }
}

function parseLayerArn(arn: string): LayerTarget | undefined {
  const match = LAYER_ARN.exec(arn)
  if (!match) return undefined
  const [, region = '', account = '', name = '', version] = match
  return {
    account: parseAccountId(account),
    region: parseRegion(region),
    name,
    ...(version !== undefined && { version: Number(version) }),
  }
}

/** `arn:aws:lambda:<region>:<account>:layer:<name>[:<version>]` */
export function layerArn({ account, region, name, version }: LayerTarget): string {
  const layer = `arn:aws:lambda:${region}:${account}:layer:${name}`
  return version === undefined ? layer : `${layer}:${version}`
}
