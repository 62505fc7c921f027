/** The AWS CLI of this machine, whatever its version, pointed at a cloud through the profiles that `isthmus up` writes. */
import { execFile, execFileSync } from 'node:child_process'

import { expect } from 'vitest'

import { createWorkplace, type RunningCloud, type Workplace } from '../system/isthmus.ts'

export interface AwsAnswer {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface AwsCli {
  readonly cloud: RunningCloud
  readonly place: Workplace
  /** Runs `aws` in the workplace's folder: the words of the command, and further arguments that may have spaces. */
  aws(profile: string, command: string, ...more: readonly string[]): Promise<AwsAnswer>
  /** The same with the endpoint that the profile names. */
  awsByProfile(profile: string, command: string): Promise<AwsAnswer>
  /** The same with keys of its own. */
  awsAs(keys: { readonly id: string; readonly secret: string }, command: string): Promise<AwsAnswer>
  /** The JSON it answers; fails the test when the command fails. */
  json<T = Readonly<Record<string, unknown>>>(profile: string, command: string, ...more: readonly string[]): Promise<T>
  /** What it prints with `--output text`, without the last line end. */
  text(profile: string, command: string, ...more: readonly string[]): Promise<string>
  close(): Promise<void>
}

const version = findVersion()

/** Undefined when there is no `aws` on the PATH; version 1 is still what many systems have. */
export const majorVersion = version?.[0]

/** Older versions do not read `endpoint_url` from a profile. */
export const readsEndpointOfProfile = isAtLeast([1, 29]) || isAtLeast([2, 13])

/** Version 2 takes base64 for binary parameters unless it is told. */
export const RAW_PAYLOAD = majorVersion === 2 ? ['--cli-binary-format', 'raw-in-base64-out'] : []

function findVersion(): readonly [number, number] | undefined {
  try {
    const [, major, minor] =
      /^aws-cli\/(\d+)\.(\d+)/.exec(execFileSync('aws', ['--version'], { encoding: 'utf8' })) ?? []
    return [Number(major), Number(minor)]
  } catch {
    return undefined
  }
}

function isAtLeast([major, minor]: readonly [number, number]): boolean {
  return version !== undefined && version[0] === major && version[1] >= minor
}

export async function startAwsCli(): Promise<AwsCli> {
  const place = createWorkplace()
  const cloud = await place.up()
  const environment = {
    ...place.environment,
    AWS_CONFIG_FILE: cloud.ready.awsConfigFile,
    AWS_SHARED_CREDENTIALS_FILE: cloud.ready.awsCredentialsFile,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
  }
  const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<AwsAnswer> =>
    new Promise((resolve) => {
      execFile('aws', args, { cwd: place.folder, env: { ...environment, ...more } }, (error, stdout, stderr) => {
        resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr })
      })
    })
  const endpoint = ['--endpoint-url', cloud.ready.endpoint]
  const aws: AwsCli['aws'] = (profile, command, ...more) =>
    run(['--profile', profile, ...endpoint, ...command.split(' '), ...more])
  const succeed: (...args: Parameters<AwsCli['aws']>) => Promise<string> = async (profile, command, ...more) => {
    const { exitCode, stdout, stderr } = await aws(profile, command, ...more)
    expect({ command, exitCode, stderr }).toEqual({ command, exitCode: 0, stderr: '' })
    return stdout
  }
  return {
    cloud,
    place,
    aws,
    awsByProfile: (profile, command) => run(['--profile', profile, ...command.split(' ')]),
    awsAs: ({ id, secret }, command) =>
      run([...endpoint, ...command.split(' ')], {
        AWS_ACCESS_KEY_ID: id,
        AWS_SECRET_ACCESS_KEY: secret,
        AWS_DEFAULT_REGION: 'us-east-1',
      }),
    json: async <T>(...args: Parameters<AwsCli['aws']>) => JSON.parse(await succeed(...args)) as T,
    text: async (profile, command, ...more) =>
      (await succeed(profile, `${command} --output text`, ...more)).replace(/\n$/, ''),
    close: () => place.close(),
  }
}

/** A service refused: the CLI says so in one sentence, and exits with 254, or 255 in old versions. */
export function expectRefusal(answer: AwsAnswer, code: string, operation: string, message: string): void {
  // Versions differ in whether they say that they do not try again.
  const said = answer.stderr.replace(' (reached max retries: 0)', '')
  expect(said).toContain(`An error occurred (${code}) when calling the ${operation} operation: ${message}`)
  expect([254, 255]).toContain(answer.exitCode)
  expect(answer.stdout).toBe('')
}
