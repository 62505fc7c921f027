/**
 * Which of Lambda's runtimes run here, and by what.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
 */
import { createHash } from 'node:crypto'

export type RuntimeFamily = 'node' | 'python' | 'provided'

const NODE = ['10.x', '12.x', '14.x', '16.x', '18.x', '20.x', '22.x', '24.x', '26.x'].map((v) => `nodejs${v}`)
const PYTHON = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map((minor) => `python3.${minor}`)
const PROVIDED = ['provided', 'provided.al2', 'provided.al2023']

const FAMILIES: ReadonlyMap<string, RuntimeFamily> = new Map([
  ...NODE.map((name) => [name, 'node'] as const),
  ...PYTHON.map((name) => [name, 'python'] as const),
  ...PROVIDED.map((name) => [name, 'provided'] as const),
])

const NEEDED: readonly (readonly [RegExp, string])[] = [
  [/^java/, 'a Java runtime and a Runtime API client for it'],
  [/^dotnet/, 'a .NET runtime and a Runtime API client for it'],
  [/^ruby/, 'a Ruby interpreter and the `aws_lambda_ric` gem'],
  [/^go1/, 'nothing but a rename: build the function for `provided.al2023`'],
  [/^python2/, 'a Python 2 interpreter'],
  [/^nodejs/, 'a Node.js release that can no longer be had'],
]

/** A runtime that this machine cannot serve; the message says what would be needed. */
export class UnsupportedRuntimeError extends Error {
  override readonly name = 'UnsupportedRuntimeError'

  constructor(runtime: string) {
    const [, needed] = NEEDED.find(([pattern]) => pattern.test(runtime)) ?? [undefined, 'a program that serves it']
    super(
      `the runtime \`${runtime}\` needs ${needed}; name the command under \`runtimes:\` in isthmus.yaml, ` +
        'or use nodejs*, python3.* or provided.*',
    )
  }
}

export function supportedRuntime(runtime: string): boolean {
  return FAMILIES.has(runtime)
}

export function runtimeFamily(runtime: string): RuntimeFamily | undefined {
  return FAMILIES.get(runtime)
}

/** `nodejs22.x` → 22, `python3.12` → 12; undefined for a custom runtime. */
export function runtimeMajor(runtime: string): number | undefined {
  const [, digits] = /^(?:nodejs|python3\.)(\d+)/.exec(runtime) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** As INIT_START names it: `nodejs:22.v1`, `python:3.12.v1`, `provided:al2023.v1`. */
export function runtimeVersion(runtime: string): string {
  const [, language = runtime, release = ''] = /^([a-z]+)\.?(.*?)(?:\.x)?$/.exec(runtime) ?? []
  return release === '' ? `${language}.v1` : `${language}:${release}.v1`
}

/**
 * FIDELITY: AWS numbers the builds of its runtimes and identifies each by a hash; ours is the hash of the name, for the host's
 * interpreter serves them all.
 */
export function runtimeVersionArn(region: string, runtime: string): string {
  return `arn:aws:lambda:${region}::runtime:${createHash('sha256').update(runtimeVersion(runtime)).digest('hex')}`
}
