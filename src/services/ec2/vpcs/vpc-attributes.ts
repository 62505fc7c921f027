/** What can be changed of a VPC: name resolution, and its blocks. https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html */
import { AwsError } from '../../../core/aws-error.ts'
import { cidrContains, cidrsOverlap, parseCidr, type Cidr } from '../../../core/cidr.ts'
import { onResource } from '../access.ts'
import { invalidCombination, missingParameter } from '../errors.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { VpcRecord } from '../records.ts'
import type { Ec2Operations, Ec2Service, Place } from '../service.ts'
import { block, checkVpcCidr, REFUSED_CIDR_SOURCES } from './vpc-creation.ts'

export const vpcAttributes: Ec2Operations = {
  ModifyVpcAttribute: {
    permissions: ({ VpcId, EnableDnsHostnames }, caller, ec2) => [
      onResource(ec2, caller, 'ModifyVpcAttribute', 'vpc', VpcId, {
        context: { 'ec2:attribute': EnableDnsHostnames ? 'EnableDnsHostnames' : 'EnableDnsSupport' },
      }),
    ],
    refuses: ['EnableNetworkAddressUsageMetrics'],
    handle({ EnableDnsHostnames, EnableDnsSupport, VpcId }, caller, ec2) {
      const vpc = ec2.get('vpc', caller, VpcId)
      if (EnableDnsHostnames && EnableDnsSupport) {
        throw invalidCombination('Fields for multiple attribute types specified')
      }
      ec2.put('vpc', {
        ...vpc,
        ...(EnableDnsHostnames?.Value !== undefined && { enableDnsHostnames: EnableDnsHostnames.Value }),
        ...(EnableDnsSupport?.Value !== undefined && { enableDnsSupport: EnableDnsSupport.Value }),
      })
      return {}
    },
  },

  DescribeVpcAttribute: {
    permissions: ({ VpcId }, caller, ec2) => [onResource(ec2, caller, 'DescribeVpcAttribute', 'vpc', VpcId)],
    handle({ Attribute, VpcId }, caller, ec2) {
      const vpc = ec2.get('vpc', caller, VpcId)
      switch (Attribute) {
        case 'enableDnsHostnames':
          return { VpcId, EnableDnsHostnames: { Value: vpc.enableDnsHostnames } }
        case 'enableDnsSupport':
          return { VpcId, EnableDnsSupport: { Value: vpc.enableDnsSupport } }
        case 'enableNetworkAddressUsageMetrics':
          return { VpcId, EnableNetworkAddressUsageMetrics: { Value: false } }
        default:
          throw missingParameter('attribute')
      }
    },
  },

  AssociateVpcCidrBlock: {
    permissions: ({ VpcId }, caller, ec2) => [onResource(ec2, caller, 'AssociateVpcCidrBlock', 'vpc', VpcId)],
    refuses: REFUSED_CIDR_SOURCES,
    handle({ CidrBlock, VpcId }, caller, ec2) {
      const vpc = ec2.get('vpc', caller, VpcId)
      if (CidrBlock === undefined) throw missingParameter('cidrBlock')
      const cidr = checkVpcCidr(CidrBlock)
      refuseRestricted(vpc, cidr)
      checkQuota(ec2, vpc, QUOTAS.cidrBlocksPerVpc, vpc.cidrs.length, {
        code: 'CidrLimitExceeded',
        message: `This network '${vpc.id}' has met its maximum number of allowed CIDRs: ${vpc.cidrs.length}`,
      })
      const association = { id: ec2.newId('vpc-cidr-assoc'), cidr }
      ec2.put('vpc', { ...vpc, cidrs: [...vpc.cidrs, association] })
      return {
        VpcId,
        CidrBlockAssociation: {
          AssociationId: association.id,
          CidrBlock: cidr,
          CidrBlockState: { State: 'associating' },
        },
      }
    },
  },

  DisassociateVpcCidrBlock: {
    permissions: ({ AssociationId }, caller, ec2) => [
      onResource(ec2, caller, 'DisassociateVpcCidrBlock', 'vpc', vpcWith(ec2, caller, AssociationId)?.id),
    ],
    handle({ AssociationId }, caller, ec2) {
      const vpc = vpcWith(ec2, caller, AssociationId)
      const association = vpc?.cidrs.find(({ id }) => id === AssociationId)
      if (!vpc || !association) {
        throw new AwsError(
          'InvalidVpcCidrBlockAssociationID.NotFound',
          `The vpc CIDR block association ID '${AssociationId}' does not exist`,
        )
      }
      if (association === vpc.cidrs[0]) {
        throw new AwsError(
          'OperationNotPermitted',
          `The vpc CIDR block with association ID ${AssociationId} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
        )
      }
      const outer = block(association.cidr)
      const isUsed = ec2
        .list('subnet', vpc)
        .some((subnet) => subnet.vpcId === vpc.id && cidrContains(outer, block(subnet.cidr)))
      if (isUsed) {
        throw new AwsError(
          'InvalidCidrBlock.InUse',
          `The vpc CIDR block with association ID ${AssociationId} may not be disassociated. It has subnets.`,
        )
      }
      ec2.put('vpc', { ...vpc, cidrs: vpc.cidrs.filter((other) => other !== association) })
      return {
        VpcId: vpc.id,
        CidrBlockAssociation: {
          AssociationId,
          CidrBlock: association.cidr,
          CidrBlockState: { State: 'disassociating' },
        },
      }
    },
  },
}

function vpcWith(ec2: Ec2Service, place: Place, associationId: string): VpcRecord | undefined {
  return ec2.list('vpc', place).find(({ cidrs }) => cidrs.some(({ id }) => id === associationId))
}

/** The private ranges, none of which can be joined with another. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions */
const PRIVATE_RANGES: readonly Cidr[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '198.19.0.0/16'].map(block)

function refuseRestricted(vpc: VpcRecord, text: string): void {
  const wanted = block(text)
  if (vpc.cidrs.some(({ cidr }) => cidrsOverlap(block(cidr), wanted))) {
    throw new AwsError('InvalidVpc.Range', `The CIDR '${text}' conflicts with another CIDR block of the VPC.`)
  }
  const primary = parseCidr(vpc.cidrs[0]?.cidr ?? '')
  if (!primary || rangeOf(wanted) === undefined || rangeOf(wanted) === rangeOf(primary)) return
  throw new AwsError(
    'InvalidVpc.Range',
    `The CIDR '${text}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a publicly-routable CIDR. For additional restrictions, see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions`,
  )
}

function rangeOf(cidr: Cidr): Cidr | undefined {
  return PRIVATE_RANGES.find((range) => cidrsOverlap(range, cidr))
}
