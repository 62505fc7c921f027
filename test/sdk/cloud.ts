/** A cloud for tests, in this process on a free port, and real SDK clients signed as its administrators or as anyone else. */
import type { Cloud, CloudOptions } from '../../src/cloud.ts'
import { startCloud as start } from '../../src/start-cloud.ts'

export interface TestCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export type AccountName = 'management' | 'source' | 'target'

export const ACCOUNTS = { management: '000000000001', source: '111122223333', target: '444455556666' } as const

interface ClientSettings {
  readonly region: string
  readonly endpoint: string
  readonly credentials: TestCredentials
  readonly maxAttempts: number
}

export interface TestCloud {
  readonly endpoint: string
  readonly cloud: Cloud
  /** What the cloud told its operator. */
  readonly notices: readonly string[]
  administrator(account: AccountName): TestCredentials
  /** A client that signs as an account's administrator, or with the given credentials; it never retries. */
  client<Client>(
    constructor: new (settings: ClientSettings) => Client,
    who: AccountName | TestCredentials,
    region?: string,
  ): Client
  close(): Promise<void>
}

export async function startCloud(options: Partial<CloudOptions> = {}): Promise<TestCloud> {
  const notices: string[] = []
  const cloud = await start({
    host: '127.0.0.1',
    port: 0,
    auth: 'strict',
    // What packets do is for the system tests: namespaces for each of these clouds would take longer than the tests.
    vpc: 'modelled',
    notice: (text) => {
      notices.push(text)
    },
    ...options,
  })
  const administrator = (name: AccountName): TestCredentials => {
    const account = cloud.accounts.find(({ id }) => id === ACCOUNTS[name])
    if (!account) throw new Error(`the cloud has no account ${name}`)
    return { accessKeyId: account.accessKeyId, secretAccessKey: account.secretAccessKey }
  }
  return {
    endpoint: cloud.endpoint,
    cloud,
    notices,
    administrator,
    client: (constructor, who, region = 'us-east-1') =>
      new constructor({
        region,
        endpoint: cloud.endpoint,
        credentials: typeof who === 'string' ? administrator(who) : who,
        maxAttempts: 1,
      }),
    close: () => cloud.close(),
  }
}
