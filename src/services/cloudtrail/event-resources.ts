/** What a call was about: the resources of the permissions that were checked, with CloudTrail's names for their types. */
import { parseArn } from '../../core/arn.ts'
import type { SeenCall } from './seen-call.ts'

export interface EventResource {
  readonly accountId: string
  /** Absent of what has no name here. */
  readonly type?: string
  readonly ARN: string
}

/** `<service>:<first part of the resource>` → the type CloudFormation gives it. */
const TYPES: Readonly<Record<string, string | undefined>> = {
  'lambda:function': 'AWS::Lambda::Function',
  'iam:role': 'AWS::IAM::Role',
  'iam:user': 'AWS::IAM::User',
  'iam:group': 'AWS::IAM::Group',
  'iam:policy': 'AWS::IAM::Policy',
  'logs:log-group': 'AWS::Logs::LogGroup',
  'cloudformation:stack': 'AWS::CloudFormation::Stack',
  'events:rule': 'AWS::Events::Rule',
  'events:event-bus': 'AWS::Events::EventBus',
  'organizations:account': 'AWS::Organizations::Account',
  'organizations:ou': 'AWS::Organizations::OrganizationalUnit',
  'organizations:policy': 'AWS::Organizations::Policy',
  'ec2:vpc': 'AWS::EC2::VPC',
  'ec2:subnet': 'AWS::EC2::Subnet',
  'ec2:security-group': 'AWS::EC2::SecurityGroup',
  'ec2:network-interface': 'AWS::EC2::NetworkInterface',
  'ec2:route-table': 'AWS::EC2::RouteTable',
  'ec2:network-acl': 'AWS::EC2::NetworkAcl',
  'ec2:internet-gateway': 'AWS::EC2::InternetGateway',
  'ec2:natgateway': 'AWS::EC2::NatGateway',
  'ec2:elastic-ip': 'AWS::EC2::EIP',
  'ec2:vpc-endpoint': 'AWS::EC2::VPCEndpoint',
  'ec2:vpc-peering-connection': 'AWS::EC2::VPCPeeringConnection',
}

/** Whole resources of these services are named without a type before them. */
const WHOLE_TYPES: Readonly<Record<string, string | undefined>> = { sqs: 'AWS::SQS::Queue', sns: 'AWS::SNS::Topic' }

export const FUNCTION_TYPE = 'AWS::Lambda::Function'

export function eventResources({ checked }: SeenCall): readonly EventResource[] {
  const found = new Map<string, EventResource>()
  for (const { permission } of checked) {
    const arn = parseArn(permission.resource)
    if (!arn || permission.resource.includes('*')) continue
    const type = WHOLE_TYPES[arn.service] ?? TYPES[`${arn.service}:${/^[\w-]+/.exec(arn.resource)?.[0] ?? ''}`]
    const accountId = permission.resourceAccount ?? arn.account
    found.set(permission.resource, { accountId, ...(type !== undefined && { type }), ARN: permission.resource })
  }
  return [...found.values()]
}

/** `my-function` of `arn:aws:lambda:…:function:my-function`. */
export function resourceName(arn: string): string {
  const { service = '', resource = arn } = parseArn(arn) ?? {}
  if (service === 'lambda') return resource.split(':')[1] ?? resource
  if (service === 'logs') return resource.replace(/^log-group:/, '').split(':')[0] ?? resource
  if (service === 'cloudformation') return resource.split('/')[1] ?? resource
  return resource.slice(Math.max(resource.lastIndexOf('/'), resource.lastIndexOf(':')) + 1)
}
