/** EC2 as far as a VPC needs it: networks of every account and Region, as a service and as the model the data plane follows. */
import { AwsError } from '../../core/aws-error.ts'
import { loadPackage } from '../../core/load-package.ts'
import type { Region } from '../../core/region.ts'
import type { NetworkModel } from '../../network/plan/model.ts'
import { sentenceWithMessage } from '../../policy/authorization-message.ts'
import { serviceDescriptions } from '../../wire/service-description.ts'
import type { CloudService } from '../cloud-service.ts'
import type { EndpointDirectory, QuotaDefinition } from '../directories.ts'
import { bindOperations, type BoundOperations } from '../operation.ts'
import type { MetricSink } from '../metrics.ts'
import { createEndpointPolicies } from './endpoints/endpoint-policies.ts'
import { serviceOf, vpcEndpointServices } from './endpoints/endpoint-services.ts'
import { availabilityZones } from './zones/availability-zones.ts'
import { defaultNetworks } from './vpcs/default-networks.ts'
import { ensureDefaultVpc } from './vpcs/default-vpc.ts'
import { dhcpOptions } from './vpcs/dhcp-options.ts'
import { elasticIps } from './routing/elastic-ips.ts'
import { createFlowLogDelivery, type Flow, type FlowLogDeliveryOptions } from './flow-logs/flow-log-delivery.ts'
import { flowLogs } from './flow-logs/flow-logs.ts'
import { attachHosts } from './interfaces/host-attachments.ts'
import { internetGateways } from './routing/internet-gateways.ts'
import { managedPrefixLists } from './prefix-lists/managed-prefix-lists.ts'
import { natGateways } from './routing/nat-gateways.ts'
import { networkAclEntries } from './security/network-acl-entries.ts'
import { networkAcls } from './security/network-acls.ts'
import {
  createLambdaInterface,
  deleteLambdaInterface,
  type LambdaInterfaceRequest,
} from './interfaces/lambda-interfaces.ts'
import { networkInterfaces } from './interfaces/network-interfaces.ts'
import { recordPortErrors } from './routing/nat-metrics.ts'
import { networkModelOf } from './network-model.ts'
import { QUOTAS } from './quotas.ts'
import type { NetworkInterfaceRecord, SecurityGroupRecord, SubnetRecord } from './records.ts'
import { createAdmission, RATES } from './requests/request-rates.ts'
import { routeTables } from './routing/route-tables.ts'
import { routes } from './routing/routes.ts'
import { securityGroupRules } from './security/security-group-rules.ts'
import { securityGroups } from './security/security-groups.ts'
import { Ec2Service, type Ec2Options } from './service.ts'
import { subnetAttributes } from './vpcs/subnet-attributes.ts'
import { subnets } from './vpcs/subnets.ts'
import { vpcEndpoints } from './endpoints/vpc-endpoints.ts'
import { vpcPeeringConnections } from './peering/vpc-peering-connections.ts'
import { tags } from './requests/tags.ts'
import { vpcAttributes } from './vpcs/vpc-attributes.ts'
import { vpcSecurityGroups } from './security/vpc-security-groups.ts'
import { vpcs } from './vpcs/vpcs.ts'

export interface Ec2 {
  readonly service: CloudService
  readonly network: Ec2Network
  readonly endpoints: EndpointDirectory
  /** Takes up what was under way. */
  start(): void
  /** Puts everything down, so that the state can be replaced; `start` follows. */
  stop(): void
  /** Resolves when every flow recorded so far is in its logs. */
  settled(): Promise<void>
}

/** EC2 as the rest of the cloud sees it. */
export interface Ec2Network {
  /** Of every account and Region; the same object until something changes. */
  model(): NetworkModel
  /** Once per turn of the event loop after anything changed. Answers the function that ends the subscription. */
  onChange(listener: () => void): () => void
  /** In any account of the Region. */
  subnet(region: Region, id: string): SubnetRecord | undefined
  securityGroup(region: Region, id: string): SecurityGroupRecord | undefined
  networkInterface(region: Region, id: string): NetworkInterfaceRecord | undefined
  /** Whoever asks has been authorized. Throws EC2's error where there is no subnet, no address or no interface left. */
  createLambdaInterface(request: LambdaInterfaceRequest): NetworkInterfaceRecord
  deleteLambdaInterface(region: Region, id: string): void
  /** What passed at interfaces, or did not: goes into the flow logs it concerns. Returns at once. */
  recordFlows(flows: readonly Flow[]): void
  /** Packets found no port in a NAT gateway. */
  recordPortErrors(natGatewayId: string, packets: number): void
}

/** Every limit that an account may ask to have changed. */
export const EC2_QUOTAS: readonly QuotaDefinition[] = [
  ...Object.values(QUOTAS),
  ...Object.values(RATES).flatMap(({ capacity, refillPerSecond }) => [capacity, refillPerSecond]),
]

const TABLES = [
  vpcs,
  vpcAttributes,
  defaultNetworks,
  subnets,
  subnetAttributes,
  routeTables,
  routes,
  internetGateways,
  natGateways,
  elasticIps,
  securityGroups,
  securityGroupRules,
  networkAcls,
  networkAclEntries,
  networkInterfaces,
  vpcEndpoints,
  vpcEndpointServices,
  vpcPeeringConnections,
  managedPrefixLists,
  dhcpOptions,
  flowLogs,
  vpcSecurityGroups,
  availabilityZones,
  tags,
]

/** The names of all operations. */
export const EC2_OPERATIONS: readonly string[] = TABLES.flatMap((table) => Object.keys(table))

export function createEc2(
  options: Ec2Options & {
    /** Without it the records of flow logs go nowhere. */
    readonly flowLogs?: FlowLogDeliveryOptions
    /** Without it the metrics of NAT gateways go nowhere. */
    readonly metrics?: MetricSink
  },
): Ec2 {
  const ec2 = new Ec2Service(options)
  const endpointPolicies = createEndpointPolicies()
  const flowLogDelivery = options.flowLogs && createFlowLogDelivery(ec2, options.flowLogs)
  let model: NetworkModel | undefined
  ec2.changes.onTouch(() => {
    model = undefined
  })
  const attachAll = () => {
    for (const problem of attachHosts(ec2, options.hosts ?? [])) options.notice?.(problem)
  }
  ec2.changes.subscribe(attachAll)
  return {
    service: {
      description: serviceDescriptions.ec2,
      operations: prepared(ec2, bindOperations(ec2, TABLES), options.networkSettled),
      loadSdk: () => loadPackage('@aws-sdk/client-ec2'),
      loadConstraints: async () => (await import('../../wire/constraints/ec2.ts')).constraints,
      admit: createAdmission(ec2),
      accessDenied: (message, encoded) =>
        new AwsError('UnauthorizedOperation', sentenceWithMessage(message, encoded()), { status: 403 }),
    },
    network: {
      model: () => (model ??= networkModelOf(ec2)),
      onChange: (listener) => ec2.changes.subscribe(listener),
      subnet: (region, id) => ec2.findIn('subnet', region, id),
      securityGroup: (region, id) => ec2.findIn('security-group', region, id),
      networkInterface: (region, id) => ec2.findIn('network-interface', region, id),
      createLambdaInterface: (request) => createLambdaInterface(ec2, request),
      deleteLambdaInterface: (region, id) => deleteLambdaInterface(ec2, region, id),
      recordFlows: (flows) => flowLogDelivery?.record(flows),
      recordPortErrors(natGatewayId, packets) {
        if (options.metrics) recordPortErrors(ec2, options.metrics, natGatewayId, packets)
      },
    },
    endpoints: {
      endpoint(id) {
        const found = ec2.findAnywhere('vpc-endpoint', id)
        if (!found) return undefined
        const { signingName, actionPrefix } = serviceOf(found)
        const { account, region } = found
        return { account, region, service: signingName, actionPrefix, policy: endpointPolicies.of(found) }
      },
    },
    start() {
      attachAll()
      ec2.changes.touch()
      ec2.natTransitions.resume()
    },
    stop: () => ec2.natTransitions.stop(),
    settled: async () => flowLogDelivery?.settled(),
  }
}

/**
 * Every operation finds the account's default VPC there. A dry run ends when the permissions have been checked. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html
 * FIDELITY: AWS also looks at some of the parameters then; here only permissions are.
 */
function prepared(
  ec2: Ec2Service,
  operations: BoundOperations,
  networkSettled: (() => Promise<void>) | undefined,
): BoundOperations {
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      {
        ...operation,
        permissions(input, caller) {
          ensureDefaultVpc(ec2, caller)
          return operation.permissions(input, caller)
        },
        handle(input, caller) {
          const changes = ec2.changes.count
          ensureDefaultVpc(ec2, caller)
          if ((input as { readonly DryRun?: boolean }).DryRun === true) {
            throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', {
              status: 412,
            })
          }
          const output = operation.handle(input, caller)
          // FIDELITY: on AWS a change takes a moment to reach every packet; here it has when it is answered.
          return networkSettled && ec2.changes.count !== changes ? answerAfter(networkSettled, output) : output
        },
      } satisfies BoundOperations[string],
    ]),
  )
}

async function answerAfter<T>(settled: () => Promise<void>, output: T | Promise<T>): Promise<T> {
  const answer = await output
  await settled()
  return answer
}
