/**
 * `Layers` of CreateFunction and UpdateFunctionConfiguration: who may use them, what AWS refuses, and what a function keeps of them.
 * https://docs.aws.amazon.com/lambda/latest/dg/adding-layers.html
 */
import type { ContextValue } from '../../../policy/model.ts'
import type { Caller } from '../../caller.ts'
import type { Permission } from '../../operation.ts'
import { invalidParameter, notHonoured } from '../errors.ts'
import { LAYERS_PER_FUNCTION_MAX, PACKAGE_UNZIPPED_BYTES_MAX } from '../limits.ts'
import type { CodePackage, LayerReference } from '../records.ts'
import type { LambdaService } from '../service.ts'
import { layerArn, parseLayerVersionArn, type LayerVersionTarget } from './layer-name.ts'
import { isReachable, layerPermission } from './layers.ts'

type Arns = readonly string[] | undefined

/** Whoever gives a function a layer must be allowed to read it: of another account, by the policy of the layer version, too. */
export function layerPermissions(arns: Arns, caller: Caller, lambda: LambdaService): readonly Permission[] {
  return (arns ?? []).flatMap((arn) => {
    const target = parseLayerVersionArn(arn)
    // A version of one's own that is not there is told as such, whoever asks.
    return target ? [layerPermission('lambda:GetLayerVersion', target, caller, lambda)] : []
  })
}

/** The condition key of a request that names layers: only present when it does. */
export function layerContext(arns: Arns): Readonly<Record<string, ContextValue>> {
  return arns && arns.length > 0 ? { 'lambda:layer': arns } : {}
}

/** Undefined when the request says nothing of layers; what they are compatible with is a label and refuses nothing. */
export function layerReferences(
  arns: Arns,
  operation: string,
  caller: Caller,
  lambda: LambdaService,
): readonly LayerReference[] | undefined {
  if (arns === undefined) return undefined
  if (arns.length > LAYERS_PER_FUNCTION_MAX) {
    throw invalidParameter(`Cannot reference more than ${LAYERS_PER_FUNCTION_MAX} layers.`)
  }
  const seen = new Map<string, string>()
  return arns.map((arn) => {
    const target = parseLayerVersionArn(arn)
    if (!target) throw notHonoured('Layers of AWS itself (awslayer)', operation)
    const reference = referenceTo(target, arn, caller, lambda)
    const { version: _, ...layer } = target
    const other = seen.get(layerArn(layer))
    if (other !== undefined) {
      throw invalidParameter(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${other} and ${arn} are versions of the same layer.`,
      )
    }
    seen.set(layerArn(layer), arn)
    return reference
  })
}

/** Throws InvalidParameterValueException when the package and its layers are too large together. */
export async function requireUnzippedSize(
  code: CodePackage,
  layers: readonly LayerReference[] = [],
  lambda: LambdaService,
): Promise<void> {
  if (layers.length === 0) return
  let bytes = 0
  for (const { sha256 } of [code, ...layers.map((layer) => layer.code)])
    bytes += await lambda.code.unzippedBytes(sha256)
  if (bytes <= PACKAGE_UNZIPPED_BYTES_MAX) return
  throw invalidParameter(
    `Function code combined with layers exceeds the maximum allowed size of ${PACKAGE_UNZIPPED_BYTES_MAX} bytes. The actual size is ${bytes} bytes.`,
  )
}

function referenceTo(target: LayerVersionTarget, arn: string, caller: Caller, lambda: LambdaService): LayerReference {
  if (!isReachable(target, caller)) {
    throw invalidParameter(
      `Layers are not in the same region as the function. Layers are expected to be in region ${caller.region}.`,
    )
  }
  const record = lambda.layers.find(target)
  if (!record) throw invalidParameter(`Layer version ${arn} does not exist.`)
  return { arn, code: record.code }
}
