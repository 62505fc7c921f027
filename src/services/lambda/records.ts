/** What the state keeps of functions: plain JSON, replaced as a whole on every change. */
import type { ApplicationLogLevel, SystemLogLevel } from '../../compute/compute.ts'
import type { AccountId } from '../../core/account.ts'
import type { Region } from '../../core/region.ts'
import type { PrincipalBindings } from '../principal-ids.ts'

export interface LoggingSettings {
  readonly format: 'Text' | 'JSON'
  readonly group: string
  /** Only for JSON, where absent is INFO. */
  readonly applicationLevel?: ApplicationLogLevel
  readonly systemLevel?: SystemLogLevel
}

/** The configuration that a version freezes. */
export interface FunctionSettings {
  readonly runtime: string
  readonly handler: string
  readonly roleArn: string
  readonly description: string
  readonly timeoutSeconds: number
  readonly memoryMb: number
  readonly ephemeralStorageMb: number
  readonly architecture: 'x86_64' | 'arm64'
  /** Absent: AWS shows no Environment for a function that was never given one. */
  readonly environment?: Readonly<Record<string, string>>
  readonly logging: LoggingSettings
  /** Absent: PassThrough. */
  readonly tracing?: 'Active'
  /** A queue or a topic for events that could not be processed. */
  readonly deadLetterArn?: string
  /** In the order in which they are unpacked. Absent for a function without layers. */
  readonly layers?: readonly LayerReference[]
  /** Absent: AWS shows no VpcConfig for a function that was never given one. */
  readonly vpc?: VpcSettings
}

/** What a function keeps of a layer version, also when that is deleted. */
export interface LayerReference {
  readonly arn: string
  readonly code: CodePackage
}

/** Empty for a function that was taken out of its VPC, or asked for none. */
export interface VpcSettings {
  readonly vpcId: string
  readonly subnetIds: readonly string[]
  readonly securityGroupIds: readonly string[]
}

/** Why a function could not be connected to its VPC. */
export interface VpcFailure {
  /** One that StateReasonCode and LastUpdateStatusReasonCode share. */
  readonly code:
    | 'EniLimitExceeded'
    | 'SubnetOutOfIPAddresses'
    | 'EC2RequestLimitExceeded'
    | 'InsufficientRolePermissions'
    | 'InvalidSubnet'
    | 'InvalidSecurityGroup'
    | 'InternalError'
  readonly reason: string
}

/** A network interface that Lambda made for a pair of a subnet and a set of security groups. */
export interface HyperplaneInterface {
  /** `eni-…` */
  readonly id: string
  readonly vpcId: string
  readonly subnetId: string
  readonly securityGroupIds: readonly string[]
  /** Made it, and has to be there when it is to go. */
  readonly roleArn: string
}

export interface CodePackage {
  /** Hexadecimal; names the blob and the unpacked folder. */
  readonly sha256: string
  readonly sizeBytes: number
}

/** `$LATEST` or a published version. */
export interface VersionRecord {
  readonly account: AccountId
  readonly region: Region
  readonly functionName: string
  /** `$LATEST` or `7`. */
  readonly version: string
  readonly revisionId: string
  /** Another one for every change of code or settings: names the execution environments that may serve this version. */
  readonly deploymentId: string
  /** On a published version: the deployment of `$LATEST` that it froze. */
  readonly publishedFrom?: string
  readonly settings: FunctionSettings
  readonly code: CodePackage
  readonly lastModifiedMs: number
  /** Inactive: idle for so long that Lambda took its network interfaces back. */
  readonly state: 'Pending' | 'Active' | 'Inactive' | 'Failed'
  /** Absent until the first transition to Active. */
  readonly lastUpdate?: 'InProgress' | 'Successful' | 'Failed'
  /** Of a state or an update that failed, and of a function that could not be restored. */
  readonly failure?: VpcFailure
  /** Pending because an idle function was invoked. */
  readonly restoring?: true
}

export interface FunctionRecord {
  readonly account: AccountId
  readonly region: Region
  readonly name: string
  readonly latest: VersionRecord
  /** While an update is in progress, or when it has failed: what `$LATEST` still runs as. */
  readonly serving?: VersionRecord
  /** The highest version ever published; numbers are not used twice. */
  readonly versionLast: number
  readonly reservedConcurrency?: number
  /** Recursive loops are not stopped. */
  readonly allowsRecursion?: true
  readonly tags: Readonly<Record<string, string>>
}

export interface AliasRecord {
  readonly functionName: string
  readonly name: string
  readonly version: string
  readonly description: string
  /** A second version and the share of invocations it gets, 0 to 1. */
  readonly additional?: { readonly version: string; readonly weight: number }
  readonly revisionId: string
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

/** The resource-based policy of one qualifier; every qualifier has its own. */
export interface PolicyRecord {
  readonly revisionId: string
  readonly statements: readonly PolicyStatement[]
}

export interface PolicyStatement {
  readonly sid: string
  /** As AddPermission was asked, in AWS's key order. */
  readonly document: JsonObject
  /** The unique ids that the statement's principals had when it was added. */
  readonly bindings: PrincipalBindings
}
