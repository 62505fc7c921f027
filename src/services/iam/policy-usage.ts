/** How often each managed policy is attached in an account, and how often it is a permissions boundary. */
import type { Entity } from './records.ts'
import type { IamService } from './service.ts'

export interface Usage {
  readonly attachments: number
  readonly boundaries: number
}

export function entitiesOf(iam: IamService, account: string): readonly Entity[] {
  const { user, group, role } = iam.store.in(account)
  return [...user.values(), ...group.values(), ...role.values()]
}

export function boundaryOf(entity: Entity): string | undefined {
  return entity.kind === 'group' ? undefined : entity.boundaryArn
}

/** By policy ARN; a policy that is not in use is absent. */
export function countUsage(iam: IamService, account: string): ReadonlyMap<string, Usage> {
  const usage = new Map<string, { attachments: number; boundaries: number }>()
  const usageOf = (arn: string) => {
    let counts = usage.get(arn)
    if (!counts) usage.set(arn, (counts = { attachments: 0, boundaries: 0 }))
    return counts
  }
  for (const entity of entitiesOf(iam, account)) {
    for (const arn of entity.attached) usageOf(arn).attachments++
    const boundary = boundaryOf(entity)
    if (boundary !== undefined) usageOf(boundary).boundaries++
  }
  return usage
}
