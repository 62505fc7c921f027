/** The composition root: the only file that constructs the parts of the cloud and connects them. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import { join } from 'node:path'

import { createCompute, type Compute, type FunctionNetwork, type Places } from './compute/compute.ts'
import { parseAccountId, type AccountId } from './core/account.ts'
import { ENVIRONMENTS_MAX } from './core/host-capacity.ts'
import { systemClock, type Clock } from './core/clock.ts'
import { randomIds, type Ids } from './core/ids.ts'
import { isModelled, type openNetwork, type VpcMode } from './network/open-network.ts'
import { dataPlaneText, RESOLV_CONF, type Attachment, type ConnectionOrigin, type Network } from './network/network.ts'
import type { ProjectFile } from './core/project-file.ts'
import { isLoopback } from './core/loopback.ts'
import { parseRegion, type Region } from './core/region.ts'
import { UserError } from './core/user-error.ts'
import { createAuthenticate, type AuthMode } from './server/authenticate.ts'
import { createAuthorizer } from './server/authorize.ts'
import { createCloudClock } from './server/cloud-clock.ts'
import { createDecisionLog } from './server/decisions.ts'
import { createIntrospection } from './server/introspection.ts'
import { createFunctionUrlServer } from './server/function-urls.ts'
import { listen, type Listener } from './server/listener.ts'
import { createLocalNames } from './server/local-names.ts'
import { createPipeline, type Pipeline } from './server/pipeline.ts'
import { createCloudFormation } from './services/cloudformation/index.ts'
import { createCloudTrail } from './services/cloudtrail/index.ts'
import { createCloudWatch } from './services/cloudwatch/index.ts'
import type { AllowsAction, AllowsOperation, CallOperation } from './services/cloud-service.ts'
import type { Credentials } from './services/directories.ts'
import { createEc2, EC2_QUOTAS, type Ec2 } from './services/ec2/index.ts'
import type { Flow } from './services/ec2/flow-logs/flow-log-format.ts'
import type { HostAttachment } from './services/ec2/interfaces/host-attachments.ts'
import { createEvents } from './services/events/index.ts'
import { createIam } from './services/iam/index.ts'
import { createLambda } from './services/lambda/index.ts'
import { urlByHost, urlByPath } from './services/lambda/urls/url-host.ts'
import { hostEnvironments, LAMBDA_QUOTAS } from './services/lambda/quotas.ts'
import { createLogs } from './services/logs/index.ts'
import { createOrganizations } from './services/organizations/index.ts'
import { createTrustsService } from './services/service-trust.ts'
import { createServiceQuotas } from './services/service-quotas/index.ts'
import { createSns } from './services/sns/index.ts'
import { createSqs } from './services/sqs/index.ts'
import { createSts } from './services/sts/index.ts'
import type { Store } from './state/store.ts'
import type { Scratch } from './state/scratch.ts'
import { serviceDescriptions } from './wire/service-description.ts'
import { createBlobs } from './state/blobs.ts'
import { createState } from './state/state.ts'

export interface CloudOptions {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** Absent: nothing is kept. */
  readonly stateDirectory?: string
  readonly auth: AuthMode
  readonly defaultAccount?: AccountId
  /** Accounts, organization, Region and runtimes of a project; the built-in three accounts when it names none. */
  readonly project?: ProjectFile
  /** `auto` when absent: real where the machine allows it. */
  readonly vpc?: VpcMode
  /** Functions that their VPC lets out reach the real internet; off when absent. */
  readonly egress?: boolean
  /** Execution environments that may run at once on this machine; as many as compute thinks right when absent. */
  readonly environmentsMax?: number
  readonly clock?: Clock
  readonly ids?: Ids
  /** Something the person running the cloud should read once. */
  readonly notice: (text: string) => void
}

export interface CloudAccount {
  readonly name: string
  readonly id: AccountId
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface FromNetwork {
  /** Serves a connection that came through the network, as coming from there. */
  adopt(socket: Socket, origin: ConnectionOrigin): void
  recordFlows(flows: readonly Flow[]): void
}

export interface Cloud {
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string
  readonly region: Region
  readonly accounts: readonly CloudAccount[]
  readonly dataPlane: Network['dataPlane']
  /** What the data plane of VPCs has to say to the cloud. */
  readonly fromNetwork: FromNetwork
  /** Ends every environment and connection; safe to call twice. */
  close(): Promise<void>
}

/** What the network's connections go to, once it is there. */
export interface Reached {
  compute?: Compute
  listener?: Listener
  recordFlows?: FromNetwork['recordFlows']
  recordPortErrors?: Ec2['network']['recordPortErrors']
}

/** What a cloud is built on. */
export interface Ground {
  readonly store: Store | undefined
  readonly scratch: Scratch
  readonly network: Awaited<ReturnType<typeof openNetwork>>
  readonly reached: Reached
}

const MANAGEMENT_ACCOUNT = parseAccountId('000000000001')
const BUILT_IN_ACCOUNTS = { source: '111122223333', target: '444455556666' } as const
const ADMINISTRATOR = 'administrator'
const CODE_LOCATION_SECONDS = 600

/** The parts of a cloud over a network that is there, listening. */
export async function assemble(options: CloudOptions, { store, scratch, network, reached }: Ground): Promise<Cloud> {
  const machineClock = options.clock ?? systemClock
  const ids = options.ids ?? randomIds
  const state = createState(store)
  const clock = createCloudClock(machineClock, state)
  const blobs = createBlobs(join(options.stateDirectory ?? scratch.path, 'code'))
  const foundations = { state, clock, ids }
  const region = parseRegion(options.project?.region ?? 'us-east-1')
  const noticed = new Set<string>()
  const notice = (text: string) => {
    if (noticed.has(text)) return
    noticed.add(text)
    options.notice(text)
  }

  // The pipeline needs the services and the services call through the pipeline.
  let pipeline: Pipeline | undefined
  const call: CallOperation = (caller, service, operation, input) => {
    if (!pipeline) throw new Error('the cloud is not listening yet')
    return pipeline.call(caller, service, operation, input)
  }
  const allows: AllowsOperation = (caller, service, operation, input) => {
    if (!pipeline) throw new Error('the cloud is not listening yet')
    return pipeline.allows(caller, service, operation, input)
  }
  const allowsAction: AllowsAction = (caller, permission) => {
    if (!pipeline) throw new Error('the cloud is not listening yet')
    return pipeline.allowsAction(caller, permission)
  }
  let endpoint = ''
  let port = 0
  const isLocalHost = isLoopback(options.host) || options.host === '0.0.0.0'
  const localNames = createLocalNames(machineClock)

  const iam = createIam({ ...foundations, scpsOf: (account) => organizations.directory.scpsOf(account) })
  /** Whatever replaces the state, the keys that were written into people's profiles stay good. */
  const administratorKeys = new Map<AccountId, Pick<CloudAccount, 'accessKeyId' | 'secretAccessKey'>>()
  const ensureAdministrator = (account: AccountId) => {
    const keys = iam.createAdministrator(account, ADMINISTRATOR, administratorKeys.get(account))
    administratorKeys.set(account, keys)
    return keys
  }
  const sts = createSts({ ...foundations, identities: iam.directory })
  const organizations = createOrganizations({
    ...foundations,
    onAccountCreated: (account, { roleName, managementAccount }) => {
      ensureAdministrator(account)
      iam.createAccessRole(account, roleName, managementAccount)
    },
  })
  const logs = createLogs({
    ...foundations,
    ...(options.stateDirectory !== undefined && { directory: join(options.stateDirectory, 'logs') }),
    call,
    notice,
  })
  const serviceQuotas = createServiceQuotas({
    ...foundations,
    quotas: [
      ...EC2_QUOTAS,
      ...Object.values(LAMBDA_QUOTAS),
      hostEnvironments(options.environmentsMax ?? ENVIRONMENTS_MAX),
    ],
  })
  const quotas = serviceQuotas.directory
  /** A failure is told once, and keeps nothing from being answered. */
  const networkSettled = () =>
    network.apply(ec2.network.model()).catch((error: unknown) => {
      notice(`the network does not follow EC2: ${error instanceof Error ? error.message : String(error)}`)
    })
  const trustsService = createTrustsService({
    ...foundations,
    identities: iam.directory,
    organizations: organizations.directory,
  })
  const cloudWatch = createCloudWatch({
    ...foundations,
    ...(options.stateDirectory !== undefined && { directory: join(options.stateDirectory, 'cloudwatch') }),
    notice,
  })
  const ec2: Ec2 = createEc2({
    ...foundations,
    quotas,
    networkSettled,
    hosts: hostsOf(options.project, region),
    notice,
    flowLogs: { identities: iam.directory, sessions: sts.sessions, trustsService, call },
    metrics: cloudWatch.metrics,
  })
  const codeLocations = createCodeLocations(clock)
  const lambda = createLambda({
    ...foundations,
    identities: iam.directory,
    organizations: organizations.directory,
    sessions: sts.sessions,
    quotas,
    ec2: ec2.network,
    networkSettled,
    call,
    allows,
    allowsAction,
    blobs,
    metrics: cloudWatch.metrics,
    workDirectory: scratch.subdirectory('functions'),
    codeLocation: (sha256: string) => `${endpoint}/_isthmus/code/${sha256}?${codeLocations.sign(sha256)}`,
    functionUrl: async (id, region) =>
      isLocalHost && (await localNames()) ? urlByHost(id, region, port) : urlByPath(id, endpoint),
    aheadMs: () => clock.aheadMs(),
    createCompute: (host) =>
      (reached.compute = createCompute({
        host,
        clock: machineClock,
        ids,
        workDirectory: scratch.subdirectory('environments'),
        ...(!isModelled(network) && { places: placesOf(network) }),
        ...(options.environmentsMax !== undefined && { environmentsMax: options.environmentsMax }),
      })),
    endpointUrl: (of) => (isModelled(network) ? network.awsEndpointUrl(attachmentOf(of)) : endpoint),
    runtimeExecutable: (runtime: string) => options.project?.runtimes[runtime],
    notice,
  })
  const sqs = createSqs({ ...foundations, identities: iam.directory, endpointUrl: () => endpoint })
  const sns = createSns({ ...foundations, identities: iam.directory, call, endpointUrl: () => endpoint, notice })
  const events = createEvents({
    ...foundations,
    identities: iam.directory,
    organizations: organizations.directory,
    sessions: sts.sessions,
    call,
    endpointUrl: () => endpoint,
    notice,
  })
  const cloudFormation = createCloudFormation({ ...foundations, call })
  const trailDirectory = join(options.stateDirectory ?? scratch.path, 'cloudtrail')
  const cloudTrail = createCloudTrail({
    ...foundations,
    directory: trailDirectory,
    endpoints: ec2.endpoints,
    networkInterfaceOf: (functionArn, version) => lambda.networkInterfaceOf(functionArn, version),
    notice,
  })
  const services = [
    iam.service,
    sts.service,
    organizations.service,
    logs.service,
    lambda.service,
    ec2.service,
    serviceQuotas.service,
    cloudWatch.service,
    cloudTrail.service,
    cloudFormation.service,
    sqs.service,
    sns.service,
    events.service,
  ]

  const named = accountsOf(options.project)
  const administratorOf = (account: AccountId): Credentials | undefined => iam.administrator(account, ADMINISTRATOR)
  const bootstrap = (): readonly CloudAccount[] => {
    organizations.ensureOrganization({
      managementAccount: MANAGEMENT_ACCOUNT,
      members: named.map(({ id, name }) => ({ account: id, name })),
      ...(options.project && { project: options.project }),
    })
    return [{ name: 'management', id: MANAGEMENT_ACCOUNT }, ...named].map(({ name, id }) => ({
      name,
      id,
      ...ensureAdministrator(id),
    }))
  }
  const accounts = bootstrap()
  let closing: Promise<void> | undefined
  await state.commit()
  requireAccount(options.defaultAccount, accounts, administratorOf)

  const decisions = createDecisionLog()
  const authenticate = createAuthenticate({
    credentials: [iam.credentials, sts.credentials],
    administratorOf,
    mode: options.auth,
    defaultAccount: options.defaultAccount ?? named[0]?.id ?? MANAGEMENT_ACCOUNT,
    defaultRegion: region,
    clock,
    machineClock,
    onKeyUsed: (accessKeyId, use) => iam.recordKeyUse(accessKeyId, use),
  })
  const onBug = (error: unknown, requestId: string) => {
    // What the end cuts off is nobody's fault.
    if (closing !== undefined) return
    options.notice(
      `bug in request ${requestId}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
  }
  pipeline = createPipeline({
    services,
    authenticate,
    authorizer: createAuthorizer({
      identities: iam.directory,
      organizations: organizations.directory,
      endpoints: ec2.endpoints,
      messages: sts.messages,
      clock,
    }),
    endpoints: ec2.endpoints,
    mode: options.auth,
    decisions,
    trail: cloudTrail.trail,
    state,
    clock,
    ids,
    onBug,
  })
  let replacing = Promise.resolve()
  const introspection = createIntrospection({
    state,
    decisions,
    authenticate,
    identities: iam.directory,
    sessions: sts.sessions,
    administratorOf,
    ids,
    clock,
    timePassed: (ms) => lambda.timePassed(ms),
    health: () => ({
      status: 'ok',
      region,
      accounts: accounts.map(({ name, id }) => ({ name, id })),
      auth: options.auth,
      dataPlane: dataPlaneText(network.dataPlane),
      cloudTrail: trailDirectory,
    }),
    readCode: (sha256, query) => (codeLocations.isValid(sha256, query) ? blobs.get(sha256) : undefined),
    replaceState: (replace) => {
      const replaced = replacing.then(async () => {
        await lambda.stop()
        cloudFormation.close()
        ec2.stop()
        try {
          replace()
          clock.reload()
          sqs.stateReplaced()
          cloudWatch.stateReplaced()
          cloudTrail.stateReplaced()
          bootstrap()
          await state.commit()
        } finally {
          ec2.start()
          lambda.start()
          cloudFormation.start()
        }
      })
      replacing = replaced.catch(() => {})
      return replaced
    },
  })
  const functionUrls = createFunctionUrlServer({
    urls: lambda.functionUrls,
    authenticate,
    pipeline,
    mode: options.auth,
    ids,
    onBug,
  })
  const listener = await listen({
    host: options.host,
    port: options.port,
    pipeline,
    introspection,
    functionUrls,
    onBug,
  })
  reached.listener = listener
  reached.recordFlows = (flows) => ec2.network.recordFlows(flows)
  reached.recordPortErrors = (natGatewayId, packets) => ec2.network.recordPortErrors(natGatewayId, packets)
  const urlHost = options.host.includes(':') ? `[${options.host}]` : options.host
  port = listener.port
  endpoint = `http://${urlHost}:${port}`
  const unfollow = ec2.network.onChange(() => void networkSettled())
  ec2.start()
  lambda.start()
  cloudFormation.start()

  return {
    endpoint,
    region,
    accounts,
    dataPlane: network.dataPlane,
    fromNetwork: {
      adopt: (socket, origin) => listener.adopt(socket, origin),
      recordFlows: (flows) => ec2.network.recordFlows(flows),
    },
    close: () =>
      (closing ??= (async () => {
        await listener.close()
        cloudFormation.close()
        await lambda.close()
        ec2.stop()
        unfollow()
        await network.close()
        await ec2.settled()
        logs.close()
        await cloudTrail.close()
        await cloudWatch.close()
        await state.commit()
        state.close()
        scratch.remove()
      })()),
  }
}

function placesOf(network: Network): Places {
  return {
    create: () => network.createPlace(),
    resolvConf: RESOLV_CONF,
    endpointVariables: (region) =>
      Object.fromEntries(
        Object.values(serviceDescriptions).map(({ sdkId, signingName }) => [
          `AWS_ENDPOINT_URL_${sdkId.toUpperCase().replaceAll(' ', '_')}`,
          // Plain HTTP at the port of HTTPS, so that the rules of a security group for 443 decide.
          `http://${signingName}.${region}.amazonaws.com:443`,
        ]),
      ),
  }
}

function attachmentOf(of: FunctionNetwork): Attachment {
  const [networkInterfaceId] = of.kind === 'vpc' ? of.networkInterfaceIds : []
  return networkInterfaceId === undefined ? { kind: 'lambda-service' } : { kind: 'vpc', networkInterfaceId }
}

function accountsOf(project: ProjectFile | undefined): readonly { readonly name: string; readonly id: AccountId }[] {
  const fromProject = Object.entries(project?.accounts ?? {}).map(([name, { id }]) => ({
    name,
    id: parseAccountId(id),
  }))
  if (fromProject.length > 0) return fromProject.filter(({ id }) => id !== MANAGEMENT_ACCOUNT)
  return Object.entries(BUILT_IN_ACCOUNTS).map(([name, id]) => ({ name, id: parseAccountId(id) }))
}

function hostsOf(project: ProjectFile | undefined, region: Region): readonly HostAttachment[] {
  return Object.entries(project?.hosts ?? {}).flatMap(([name, { account, ports, ...host }]) => {
    const id = project?.accounts[account]?.id
    if (id === undefined) return []
    const listeners = Object.entries(ports).map(([inVpc, hostPort]) => ({ port: Number(inVpc), hostPort }))
    return [{ ...host, name, account: parseAccountId(id), region, ports: listeners }]
  })
}

/** An account that Organizations created is as good as one of the project. */
function requireAccount(
  account: AccountId | undefined,
  known: readonly CloudAccount[],
  administratorOf: (account: AccountId) => Credentials | undefined,
): void {
  if (account === undefined || administratorOf(account)) return
  throw new UserError(`There is no account \`${account}\``, {
    hint: `The accounts are ${known.map(({ name, id }) => `${name} (${id})`).join(', ')}`,
  })
}

/** Locations of deployment packages that only their receiver can read, as S3's presigned URLs are. */
function createCodeLocations(clock: Clock) {
  const secret = randomBytes(32)
  const signatureOf = (sha256: string, expires: string) =>
    createHmac('sha256', secret).update(`${sha256}/${expires}`).digest()
  return {
    sign(sha256: string): string {
      const expires = String(Math.floor(clock.now() / 1000) + CODE_LOCATION_SECONDS)
      return `expires=${expires}&signature=${signatureOf(sha256, expires).toString('hex')}`
    },
    isValid(sha256: string, query: URLSearchParams): boolean {
      const expires = query.get('expires') ?? ''
      const given = Buffer.from(query.get('signature') ?? '', 'hex')
      const wanted = signatureOf(sha256, expires)
      return given.length === wanted.length && timingSafeEqual(given, wanted) && Number(expires) * 1000 > clock.now()
    },
  }
}
