/**
 * The environment variables a function sees: Lambda's own and the function's, and nothing of the host's.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
import type { FunctionImage, RoleCredentials } from '../compute.ts'
import { runtimeFamily, runtimeMajor } from '../runtimes/catalogue.ts'

export interface VariablesInput {
  readonly image: FunctionImage
  readonly credentials: RoleCredentials
  readonly logStream: string
  readonly runtimeApi: string
  /** Where its SDK finds AWS: `AWS_ENDPOINT_URL`, or one variable for each service. */
  readonly endpoints: Readonly<Record<string, string>>
  readonly paths: FunctionPaths
}

/** As the function sees them. */
export interface FunctionPaths {
  /** `/var/task` */
  readonly task: string
  /** `/opt` */
  readonly layers: string
  /** Undefined: it is `/tmp`, and nothing has to be said. */
  readonly temporary: string | undefined
}

/** FIDELITY: the address is AWS's, but no X-Ray daemon listens there. */
const XRAY_ADDRESS = '169.254.100.1'
const XRAY_PORT = '2000'

/**
 * FIDELITY: `AWS_ENDPOINT_URL` does what DNS does on AWS; where environments have networks of their own, `AWS_ENDPOINT_URL_…` says for each
 * service that it is reached by plain HTTP.
 */
export function functionVariables(input: VariablesInput): Record<string, string> {
  const { image, credentials, paths } = input
  const family = runtimeFamily(image.runtime)
  const managed = family === 'node' || family === 'python'
  return {
    ...(paths.temporary === undefined ? {} : { TMPDIR: paths.temporary }),
    ...input.endpoints,
    ...unreservedVariables(image, paths),
    ...image.environment,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_REGION: image.region,
    AWS_DEFAULT_REGION: image.region,
    AWS_LAMBDA_FUNCTION_NAME: image.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: image.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(image.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: image.initializationType,
    AWS_LAMBDA_LOG_GROUP_NAME: image.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: input.logStream,
    AWS_LAMBDA_RUNTIME_API: input.runtimeApi,
    ...(image.logFormat === 'JSON'
      ? { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: image.applicationLogLevel ?? 'INFO' }
      : {}),
    ...(managed ? { AWS_EXECUTION_ENV: `AWS_Lambda_${image.runtime}`, PWD: paths.task, SHLVL: '0' } : {}),
    _AWS_XRAY_DAEMON_ADDRESS: XRAY_ADDRESS,
    _AWS_XRAY_DAEMON_PORT: XRAY_PORT,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LAMBDA_TASK_ROOT: paths.task,
    _HANDLER: image.handler,
  }
}

/** Those a function may set itself. */
function unreservedVariables(image: FunctionImage, { task, layers }: FunctionPaths): Record<string, string> {
  const libraries = ['/var/lang/lib', '/lib64', '/usr/lib64', '/var/runtime', '/var/runtime/lib', task, `${task}/lib`]
  return {
    PATH: `/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:${layers}/bin`,
    LD_LIBRARY_PATH: [...libraries, `${layers}/lib`].join(':'),
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: `${XRAY_ADDRESS}:${XRAY_PORT}`,
    ...languageVariables(image, { task, layers }),
  }
}

function languageVariables(
  image: FunctionImage,
  { task, layers }: Pick<FunctionPaths, 'task' | 'layers'>,
): Record<string, string> {
  switch (runtimeFamily(image.runtime)) {
    case 'node': {
      const major = runtimeMajor(image.runtime)
      const modules = [
        `${layers}/nodejs/node${major}/node_modules`,
        `${layers}/nodejs/node_modules`,
        '/var/runtime/node_modules',
      ]
      return { NODE_PATH: [...modules, '/var/runtime', task].join(':') }
    }
    case 'python':
      return { PYTHONPATH: '/var/runtime', LC_CTYPE: 'C.UTF-8' }
    case 'provided':
    case undefined:
      return {}
  }
}

/** Settings that an interpreter or the loader reads before it runs a line, so a runtime that is already up cannot take them. */
export function needsFreshProcess(variables: Readonly<Record<string, string>>): boolean {
  return Object.keys(variables).some((name) => READ_AT_START.test(name))
}

const READ_AT_START =
  /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_ICU_DATA|NODE_V8_COVERAGE|NODE_PENDING_.*|UV_.*|SSL_CERT_.*|OPENSSL_CONF|LD_.*|AWS_LAMBDA_EXEC_WRAPPER)$/
