/** `isthmus up`: runs the cloud in the foreground until it is interrupted. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { type Command, Option } from 'commander'

import type { Cloud } from '../../cloud.ts'
import { isAccountId, type AccountId } from '../../core/account.ts'
import type { ProjectFile } from '../../core/project-file.ts'
import { isLoopback } from '../../core/loopback.ts'
import { UserError } from '../../core/user-error.ts'
import { dataPlaneText } from '../../network/network.ts'
import type { VpcMode } from '../../network/open-network.ts'
import type { AuthMode } from '../../server/authenticate.ts'
import { writeAwsProfiles, type AwsProfileFiles } from '../aws-profiles.ts'
import { EXIT_OK } from '../exit-codes.ts'
import { PROJECT_FILE } from '../project-file-name.ts'
import type { Output } from '../terminal/output.ts'
import { formatTable } from '../terminal/table.ts'

interface UpOptions {
  readonly port: number
  readonly host: string
  readonly state: string
  readonly ephemeral?: true
  readonly auth: AuthMode
  readonly defaultAccount?: AccountId
  readonly vpc: VpcMode
  readonly egress?: true
  readonly environments?: number
  readonly config?: string
  readonly json?: true
}

const PORT_MAX = 65_535

export function addUp(program: Command, output: Output, finish: (exitCode: number) => void): void {
  program
    .command('up')
    .summary('run the cloud in the foreground')
    .description('Runs the cloud in the foreground until SIGINT or SIGTERM, and writes AWS profiles for its accounts.')
    .option('--port <port>', 'port to listen on; 0 chooses a free one', parsePort, 4566)
    .option('--host <host>', 'loopback address to listen on', parseHost, '127.0.0.1')
    .option('--state <dir>', 'folder that keeps the state', '.isthmus')
    .addOption(new Option('--ephemeral', 'keep no state').conflicts('state'))
    .addOption(
      new Option('--auth <mode>', 'how requests are authorized').choices(['strict', 'soft', 'off']).default('strict'),
    )
    .option('--default-account <id>', 'account of unknown access keys under --auth soft and off', parseAccount)
    .addOption(
      new Option('--vpc <mode>', 'the VPC data plane').choices(['auto', 'require-real', 'modelled']).default('auto'),
    )
    .option('--egress', 'let functions out to the real internet where their VPC does')
    .option('--environments <count>', 'execution environments that may run at once; 256 when not given', parseCount)
    .option('--config <file>', `project file; ${PROJECT_FILE} of the current folder when it exists`)
    .option('--json', 'print one line of JSON once calls are accepted')
    .action(async (options: UpOptions) => {
      finish(await runUp(options, output))
    })
}

async function runUp(options: UpOptions, output: Output): Promise<number> {
  const project = await projectFile(options.config)
  const { startCloud } = await import('../../start-cloud.ts')
  const interrupted = nextInterrupt()
  let cloud: Cloud
  try {
    cloud = await startCloud({
      host: options.host,
      port: options.port,
      auth: options.auth,
      vpc: options.vpc,
      egress: options.egress === true,
      ...(options.environments !== undefined && { environmentsMax: options.environments }),
      ...(!options.ephemeral && { stateDirectory: resolve(options.state) }),
      ...(options.defaultAccount !== undefined && { defaultAccount: options.defaultAccount }),
      ...(project && { project }),
      notice: (text) => output.note(`isthmus: ${text}`),
    })
  } catch (error) {
    throw asUserError(error, options)
  }
  const directory = options.ephemeral
    ? mkdtempSync(join(tmpdir(), `isthmus-${process.pid}-profiles-`))
    : resolve(options.state)
  const files = writeAwsProfiles(
    directory,
    cloud.accounts.map((account) => ({
      ...account,
      accountId: account.id,
      region: cloud.region,
      endpointUrl: cloud.endpoint,
    })),
  )
  announce(cloud, files, options, output)
  await interrupted
  await cloud.close()
  if (options.ephemeral) rmSync(directory, { recursive: true, force: true })
  return EXIT_OK
}

function announce(cloud: Cloud, files: AwsProfileFiles, options: UpOptions, output: Output): void {
  const accounts = cloud.accounts.map(({ name, id }) => ({ name, id }))
  if (options.json) {
    const dataPlane = dataPlaneText(cloud.dataPlane)
    output.line(JSON.stringify({ ready: true, endpoint: cloud.endpoint, accounts, ...files, dataPlane }))
    return
  }
  output.line(
    `${output.paint('bold', 'Isthmus')} serves ${output.paint('cyan', cloud.endpoint)} (Region ${cloud.region}, --auth ${options.auth}, data plane ${dataPlaneText(cloud.dataPlane)})`,
  )
  output.line()
  for (const line of formatTable(
    [{ title: 'PROFILE' }, { title: 'ACCOUNT' }],
    accounts.map(({ name, id }) => [name, id]),
  )) {
    output.line(`  ${line}`)
  }
  output.line()
  output.line('To use them in another terminal:')
  output.line(`  export AWS_CONFIG_FILE=${files.awsConfigFile}`)
  output.line(`  export AWS_SHARED_CREDENTIALS_FILE=${files.awsCredentialsFile}`)
  output.line(`  aws --profile ${accounts[1]?.name ?? 'management'} sts get-caller-identity`)
  output.line()
  output.line(
    `${options.ephemeral ? 'Nothing is kept' : `State is kept in ${resolve(options.state)}`}; Ctrl-C stops it.`,
  )
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function nextInterrupt(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        done()
      })
    }
  })
}

async function projectFile(path: string | undefined): Promise<ProjectFile | undefined> {
  if (path === undefined && !existsSync(PROJECT_FILE)) return undefined
  const { readProject } = await import('../project.ts')
  return readProject(path ?? PROJECT_FILE).file
}

function asUserError(error: unknown, { host, port }: UpOptions): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  if (error.code === 'EADDRINUSE') {
    return new UserError(`Port ${port} of ${host} is in use`, {
      hint: 'Choose another one with --port, or 0 for any free one',
      cause: error,
    })
  }
  if (error.code === 'EADDRNOTAVAIL') return new UserError(`This machine has no address ${host}`, { cause: error })
  if (error.code === 'EACCES')
    return new UserError(`Port ${port} of ${host} may not be opened by this user`, { cause: error })
  return error
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > PORT_MAX)
    throw new UserError(`\`${text}\` is not a port, expected 0 to ${PORT_MAX}`)
  return port
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new UserError(`\`${text}\` is not a count, expected 1 to 99999`)
  return Number(text)
}

/** The cloud runs its callers' code: it never listens beyond this machine. */
function parseHost(text: string): string {
  if (isLoopback(text)) return text
  throw new UserError(`\`${text}\` is not a loopback address, expected 127.0.0.1, ::1 or localhost`)
}

function parseAccount(text: string): AccountId {
  if (!isAccountId(text)) throw new UserError(`\`${text}\` is not an account id, expected twelve digits`)
  return text
}
