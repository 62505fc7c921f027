/** The security groups that resources in a VPC can have. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetSecurityGroupsForVpc.html */
import { onResource } from '../access.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { pageOf } from '../requests/paging.ts'
import type { SecurityGroupRecord } from '../records.ts'
import type { Ec2Operations } from '../service.ts'
import { tagList } from '../requests/tag-set.ts'

export const vpcSecurityGroups: Ec2Operations = {
  GetSecurityGroupsForVpc: {
    permissions: ({ VpcId }, caller, ec2) => [onResource(ec2, caller, 'GetSecurityGroupsForVpc', 'vpc', VpcId)],
    handle(input, caller, ec2) {
      const vpc = ec2.get('vpc', caller, input.VpcId)
      const groups = ec2.list('security-group', caller).filter(({ vpcId }) => vpcId === vpc.id)
      const { items, NextToken } = pageOf(applyFilters(groups, input.Filters, FILTERS), ({ id }) => id, input)
      const SecurityGroupForVpcs = items.map(({ id, name, description, account, vpcId, tags }) => ({
        GroupId: id,
        GroupName: name,
        Description: description,
        OwnerId: account,
        PrimaryVpcId: vpcId,
        Tags: tagList(tags),
      }))
      return { SecurityGroupForVpcs, NextToken }
    },
  },
}

const FILTERS: Filters<SecurityGroupRecord> = {
  description: ({ description }) => description,
  'group-id': ({ id }) => id,
  'group-name': ({ name }) => name,
  'primary-vpc-id': ({ vpcId }) => vpcId,
}
