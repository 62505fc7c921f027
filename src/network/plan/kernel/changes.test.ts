/** The script between two states touches what differs and nothing else. */
import { describe, expect, it } from 'vitest'

import { modelOf, type World } from '../../../../test/network/world.ts'
import { changesBetween } from './changes.ts'
import { createNumbers, type Numbers } from './numbers.ts'
import { EMPTY_MODEL } from '../model.ts'
import { planKernel } from './plan.ts'
import { EMPTY_STATE } from './state.ts'

const WORLD: World = {
  vpcs: { 'vpc-a': { cidrs: ['10.0.0.0/16'] } },
  subnets: { 'subnet-1': { vpc: 'vpc-a', cidr: '10.0.1.0/24' }, 'subnet-2': { vpc: 'vpc-a', cidr: '10.0.2.0/24' } },
  groups: { 'vpc-a': { 'sg-fn': ['out all to 0.0.0.0/0'], 'sg-db': ['in tcp 5432 from sg-fn'] } },
  interfaces: {
    'eni-fn': { subnet: 'subnet-1', address: '10.0.1.10', groups: ['sg-fn'] },
    'eni-db': { subnet: 'subnet-2', address: '10.0.2.10', groups: ['sg-db'], listens: [5432] },
  },
}

function changes(before: World, after: World, numbers: Numbers = createNumbers()): string {
  const old = planKernel(modelOf(before), { numbers, isOpen: false }).state
  return changesBetween(old, planKernel(modelOf(after), { numbers, isOpen: false }).state)
}

describe('the script between two states', () => {
  it('is empty between equal ones', () => {
    expect(changes(WORLD, WORLD)).toBe('')
  })

  it('touches one chain when one security group changes', () => {
    const groups = { 'vpc-a': { ...WORLD.groups?.['vpc-a'], 'sg-db': ['in tcp 5433 from sg-fn'] } }
    expect(
      changes(WORLD, { ...WORLD, groups })
        .trim()
        .split('\n'),
    ).toEqual([
      `nsenter --net=/run/netns/v2 sh -ec 'nft -f /dev/fd/5' 5<<'5'`,
      'add table ip isthmus',
      'flush chain ip isthmus sg2_ingress',
      'add rule ip isthmus sg2_ingress ip saddr @members1 tcp dport 5433 accept',
      '5',
    ])
  })

  it('adds elements only when a function comes to a combination of groups that is there', () => {
    const another = { subnet: 'subnet-2', address: '10.0.2.11', groups: ['sg-fn'] }
    const script = changes(WORLD, { ...WORLD, interfaces: { ...WORLD.interfaces, 'eni-fn-2': another } })
    const commands = script.split('\n').filter((line) => / ip isthmus /.test(line))
    expect(commands.map((line) => line.replace(/ \{.*/, ''))).toEqual([
      'add element ip isthmus source',
      'add element ip isthmus resolvers',
      'add element ip isthmus resolving',
      'add element ip isthmus members1',
      'add element ip isthmus egress_of',
    ])
  })

  it('builds nothing for a VPC in which there is nothing', () => {
    const numbers = createNumbers()
    const bare = planKernel(modelOf({ ...WORLD, interfaces: {} }), { numbers, isOpen: false }).state
    expect(changesBetween(planKernel(EMPTY_MODEL, { numbers, isOpen: false }).state, bare)).toBe('')
    expect(changesBetween(EMPTY_STATE, bare)).not.toContain('v2')
  })
})
