/**
 * The Lambda data plane: runs a function's code and answers with what it returned.
 *
 * It knows nothing of AWS's control plane: whoever holds the functions hands over an immutable image and an invocation; permissions,
 * qualifiers and concurrency limits have been settled by then. See README.md for the vocabulary.
 */
import type { Socket } from 'node:net'
import type { Clock } from '../core/clock.ts'
import type { Ids } from '../core/ids.ts'
import { createFleet } from './fleet.ts'

/** An immutable snapshot of one version, or of `$LATEST` at one revision. */
export interface FunctionImage {
  /** Changes whenever code or configuration changes; environments are pooled per key. */
  readonly key: string
  readonly account: string
  readonly region: string
  readonly functionName: string
  /** `$LATEST` or a version number: `7`. */
  readonly version: string
  readonly runtime: string
  readonly handler: string
  /** Absolute path of the unpacked package; only Isthmus writes to the folder that contains it. */
  readonly codeDirectory: string
  /** Absolute paths of the unpacked layers, in the function's order: a file of a later one hides that of an earlier. Seen as `/opt`. */
  readonly layerDirectories: readonly string[]
  /** Where the function's environments are attached. Without places nothing is, and functions are in the network of the machine. */
  readonly network: FunctionNetwork
  readonly memoryMb: number
  readonly timeoutMs: number
  readonly ephemeralStorageMb: number
  readonly environment: Readonly<Record<string, string>>
  readonly roleArn: string
  readonly logGroup: string
  readonly logFormat: 'Text' | 'JSON'
  /** Only for JSON, where absent is INFO: what is less is not logged. */
  readonly applicationLogLevel?: ApplicationLogLevel
  readonly systemLogLevel?: SystemLogLevel
  readonly initializationType: InitializationType
}

export type ApplicationLogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL'
export type SystemLogLevel = 'DEBUG' | 'INFO' | 'WARN'

/** As `AWS_LAMBDA_INITIALIZATION_TYPE` has it. */
export type InitializationType = 'on-demand' | 'provisioned-concurrency'

export type FunctionNetwork =
  | { readonly kind: 'lambda-service' }
  /** One interface per subnet; environments take turns. */
  | { readonly kind: 'vpc'; readonly networkInterfaceIds: readonly string[] }

export interface Invocation {
  readonly requestId: string
  /** The event, JSON; the caller has checked it. */
  readonly payload: Buffer
  /** As the caller wrote it: carries the qualifier only where one was given. */
  readonly invokedFunctionArn: string
  /** JSON, as decoded from `X-Amz-Client-Context`. */
  readonly clientContext?: string
  /** The value of `X-Amzn-Trace-Id`: `Root=1-…;Parent=…;Sampled=0`. */
  readonly traceId: string
  /** Of a sampled trace of a function with active tracing: the function's own segment, 16 hexadecimal digits. */
  readonly segmentId?: string
}

/** Takes a response while the function writes it. */
export interface ResponseSink {
  /** Once, before the first chunk. */
  begin(contentType: string): void
  /** False: it wants no more until `drained`. */
  write(chunk: Buffer): boolean
  /** Calls once when it wants more. */
  drained(proceed: () => void): void
}

export interface InvocationResult {
  readonly payload: Buffer
  readonly functionError?: 'Unhandled'
  /** As REPORT has it: without the init. */
  readonly durationMs: number
  /** The last 4 KB of the invocation's log, from START to REPORT. */
  readonly logTail: Buffer
  /** How the environment that ran it came to be. */
  readonly initializationType: InitializationType
  /**
   * Only when extensions are still at work, for AWS answers before they are done: until then the environment is busy, and the log has no END
   * and REPORT. Resolves with the tail of the whole; never rejects.
   */
  readonly ended?: Promise<Buffer>
}

/** How far environments that were asked for ahead have come. */
export interface ProvisionStatus {
  readonly requested: number
  /** Initialised, whether an invocation runs in them or not. */
  readonly available: number
  readonly state: 'in-progress' | 'ready' | 'failed'
  /** Why it failed: the function's init, or this machine. */
  readonly failure?: { readonly of: 'function' | 'machine'; readonly message: string }
}

export interface RoleCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiration: Date
}

export interface LogEvent {
  readonly timestampMs: number
  readonly message: string
}

/** What the cloud provides to its data plane. */
export interface ComputeHost {
  /** A new session of the execution role, asked for once per environment. */
  credentials(image: FunctionImage): RoleCredentials
  log(image: FunctionImage, stream: string, events: readonly LogEvent[]): void
  /** Where a function's SDK finds AWS, unless it runs in a place. */
  awsEndpointUrl(image: FunctionImage): string
  /** A `runtimes:` entry of isthmus.yaml: an interpreter for `nodejs*` and `python*`, else a program that speaks the Runtime API. */
  runtimeCommand(runtime: string): RuntimeCommand | undefined
  /** Something the person at the terminal should know; said once. */
  notice(message: string): void
}

export interface RuntimeCommand {
  readonly command: string
  readonly args: readonly string[]
}

export interface Compute {
  /** Rejects with `HostCapacityError` or `UnsupportedRuntimeError`; whatever the function does wrong is a result. */
  invoke(image: FunctionImage, invocation: Invocation): Promise<InvocationResult>
  /**
   * The same, with the response in pieces; that of a function that does not stream is one piece. The result's payload is then empty, or the
   * error: the sink may have got a part of the response before.
   */
  invokeStream(image: FunctionImage, invocation: Invocation, sink: ResponseSink): Promise<InvocationResult>
  /**
   * Keeps so many environments of this image initialised; they take invocations before others do. 0 gives them up; another call for the same
   * key takes the place of the first. `changed` is told of each step from a later turn of the event loop on.
   */
  provision(image: FunctionImage, count: number, changed: (status: ProvisionStatus) => void): void
  /** Stops the idle environments of a superseded image; busy ones finish their invocation first. */
  retire(key: string): void
  /** A connection to the Runtime API from the place with this address. */
  onRuntimeConnection(socket: Socket, placeAddress: string): void
  /** Starts the pool of pre-booted runtimes. */
  warmUp(): void
  /** Stops everything and removes what it wrote. */
  close(): Promise<void>
}

/** Network namespaces for execution environments, as the network layer makes them. */
export interface Places {
  /** One that is attached to nothing and reaches the Runtime API alone. */
  create(): Promise<Place>
  /** What `/etc/resolv.conf` holds in a place. */
  readonly resolvConf: string
  /** The variables by which a function's SDK finds each service from within a place: `AWS_ENDPOINT_URL_LAMBDA`, … */
  endpointVariables(region: string): Readonly<Record<string, string>>
}

export interface Place {
  /** Tells the environment at the Runtime API. */
  readonly address: string
  /**
   * Put before a command line: runs it in the place, as root of the user namespace that owns the place, one process further down; the mount
   * namespace stays the caller's.
   */
  readonly prefix: readonly string[]
  attach(attachment: Attachment): Promise<void>
  /** The processes in it have ended. Idempotent. */
  remove(): Promise<void>
}

export type Attachment =
  | { readonly kind: 'vpc'; readonly networkInterfaceId: string }
  | { readonly kind: 'lambda-service' }

export interface ComputeOptions {
  readonly host: ComputeHost
  /** Absent: functions are in the network of the machine, and the Runtime API on its loopback. */
  readonly places?: Places
  readonly clock: Clock
  readonly ids: Ids
  /** A private folder that compute owns: created when absent, emptied on close. */
  readonly workDirectory: string
  /** Environments that may exist at once. */
  readonly environmentsMax?: number
  /** Pre-booted runtimes kept ready. */
  readonly poolSize?: number
}

export function createCompute(options: ComputeOptions): Compute {
  return createFleet(options)
}
