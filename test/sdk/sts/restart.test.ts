/** What was acknowledged is there after a restart: users, keys, roles, their bindings, and sessions handed out by STS. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CreateRoleCommand, CreateUserCommand, GetRoleCommand, IAMClient, DeleteUserCommand } from '@aws-sdk/client-iam'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'

import { startCloud } from '../cloud.ts'
import { decoded, trusting } from '../iam/documents.ts'
import { sessionOf } from './sessions.ts'

test('users, roles and sessions outlive the process', async () => {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'isthmus-test-'))
  try {
    const first = await startCloud({ stateDirectory })
    const iam = first.client(IAMClient, 'source')
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'doomed' }))
    await iam.send(
      new CreateRoleCommand({
        RoleName: 'lasting',
        AssumeRolePolicyDocument: trusting({ AWS: ['111122223333', 'arn:aws:iam::111122223333:user/doomed'] }),
      }),
    )
    const RoleArn = 'arn:aws:iam::111122223333:role/lasting'
    const session = sessionOf(
      await first.client(STSClient, 'source').send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' })),
    )
    const administrator = first.administrator('source')
    await first.close()

    const second = await startCloud({ stateDirectory })
    try {
      expect(second.administrator('source')).toEqual(administrator)
      expect((await second.client(STSClient, session).send(new GetCallerIdentityCommand({}))).Arn).toBe(
        'arn:aws:sts::111122223333:assumed-role/lasting/session',
      )
      const again = second.client(IAMClient, 'source')
      await again.send(new DeleteUserCommand({ UserName: 'doomed' }))
      const { Role } = await again.send(new GetRoleCommand({ RoleName: 'lasting' }))
      expect(decoded(Role?.AssumeRolePolicyDocument)).toHaveProperty('Statement.0.Principal.AWS', [
        'arn:aws:iam::111122223333:root',
        User?.UserId,
      ])
    } finally {
      await second.close()
    }
  } finally {
    rmSync(stateDirectory, { recursive: true, force: true })
  }
})
