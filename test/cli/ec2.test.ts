/** EC2 through the real AWS CLI: shorthand, waiters, pages and errors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { expectRefusal, majorVersion, startAwsCli, type AwsCli } from './aws.ts'

/** `reason` is shown beside the skipped tests. */
const reason = majorVersion === undefined ? ' (skipped: there is no `aws` on the PATH)' : ''

describe.skipIf(majorVersion === undefined)(`the AWS CLI and EC2${reason}`, () => {
  let cli: AwsCli
  let vpc: string

  beforeAll(async () => {
    cli = await startAwsCli()
    vpc = await cli.text(
      'target',
      'ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId --tag-specifications',
      'ResourceType=vpc,Tags=[{Key=Name,Value=private network}]',
    )
    await cli.text('target', `ec2 wait vpc-available --vpc-ids ${vpc}`)
  })
  afterAll(() => cli.close())

  it('makes a private subnet with a group that lets one port in, and finds them again', async () => {
    await cli.text('target', `ec2 create-subnet --vpc-id ${vpc} --cidr-block 10.0.1.0/24`)
    const group = await cli.text(
      'target',
      `ec2 create-security-group --group-name web --description web --vpc-id ${vpc} --query GroupId`,
    )
    const rule = `--group-id ${group} --protocol tcp --port 443 --cidr 10.0.0.0/16`
    await cli.json('target', `ec2 authorize-security-group-ingress ${rule}`)
    // The CLI answers such a query page by page.
    expect(
      await cli.text(
        'target',
        `ec2 describe-subnets --page-size 5 --filters Name=vpc-id,Values=vpc-* --query length(Subnets)`,
      ),
    ).toBe('5\n2')
    const named = 'Name=tag:Name,Values=private*'
    expect(await cli.text('target', `ec2 describe-vpcs --filters ${named} --query Vpcs[].VpcId`)).toBe(vpc)
  })

  it('is told in AWS’s words what cannot be', async () => {
    expectRefusal(
      await cli.aws('target', `ec2 delete-vpc --vpc-id ${vpc} --dry-run`),
      'DryRunOperation',
      'DeleteVpc',
      'Request would have succeeded, but DryRun flag is set.',
    )
    expectRefusal(
      await cli.aws('source', `ec2 describe-vpcs --vpc-ids ${vpc}`),
      'InvalidVpcID.NotFound',
      'DescribeVpcs',
      `The vpc ID '${vpc}' does not exist`,
    )
  })
})
