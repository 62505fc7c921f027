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
  readonly awsEndpointUrl: string
  /** The environment's own folder for temporary files. */
  readonly temporaryDirectory: string
}

/** FIDELITY: the address is AWS's, but no X-Ray daemon listens there. */
const XRAY_ADDRESS = '169.254.100.1'
const XRAY_PORT = '2000'

/**
 * FIDELITY: without a mount namespace `LAMBDA_TASK_ROOT` and the paths made from it name the real folder instead of `/var/task`;
 * `TMPDIR` keeps environments apart, whose `/tmp` is the host's; `AWS_ENDPOINT_URL` does what DNS does on AWS.
 */
export function functionVariables(input: VariablesInput): Record<string, string> {
  const { image, credentials } = input
  const family = runtimeFamily(image.runtime)
  const managed = family === 'node' || family === 'python'
  return {
    TMPDIR: input.temporaryDirectory,
    AWS_ENDPOINT_URL: input.awsEndpointUrl,
    ...unreservedVariables(image),
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
    ...(image.logFormat === 'JSON' ? { AWS_LAMBDA_LOG_FORMAT: 'JSON' } : {}),
    ...(managed ? { AWS_EXECUTION_ENV: `AWS_Lambda_${image.runtime}`, PWD: image.codeDirectory, SHLVL: '0' } : {}),
    _AWS_XRAY_DAEMON_ADDRESS: XRAY_ADDRESS,
    _AWS_XRAY_DAEMON_PORT: XRAY_PORT,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LAMBDA_TASK_ROOT: image.codeDirectory,
    _HANDLER: image.handler,
  }
}

/** Those a function may set itself. */
function unreservedVariables(image: FunctionImage): Record<string, string> {
  const task = image.codeDirectory
  const libraries = ['/var/lang/lib', '/lib64', '/usr/lib64', '/var/runtime', '/var/runtime/lib', task, `${task}/lib`]
  return {
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    LD_LIBRARY_PATH: [...libraries, '/opt/lib'].join(':'),
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: `${XRAY_ADDRESS}:${XRAY_PORT}`,
    ...languageVariables(image),
  }
}

function languageVariables(image: FunctionImage): Record<string, string> {
  switch (runtimeFamily(image.runtime)) {
    case 'node': {
      const major = runtimeMajor(image.runtime)
      const modules = [`/opt/nodejs/node${major}/node_modules`, '/opt/nodejs/node_modules', '/var/runtime/node_modules']
      return { NODE_PATH: [...modules, '/var/runtime', image.codeDirectory].join(':') }
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
