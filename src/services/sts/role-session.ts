/** The principal that a session of a role has, and sessions that services make for themselves. */
import type { Principal } from '../../policy/model.ts'
import type { RoleFacts, SessionDirectory } from '../directories.ts'
import type { SessionStore } from './session-store.ts'

/** The path of a role is not part of its sessions' ARNs. */
export function rolePrincipal(
  { account, arn, name, roleId, serviceLinked }: RoleFacts,
  sessionName: string,
): Extract<Principal, { kind: 'role-session' }> {
  return {
    kind: 'role-session',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${name}/${sessionName}`,
    roleArn: arn,
    roleId,
    roleName: name,
    sessionName,
    serviceLinked,
  }
}

export function createSessionDirectory(store: SessionStore): SessionDirectory {
  return {
    createServiceSession(role, { sessionName, durationSeconds, sourceFunctionArn }) {
      const nowMs = store.nowMs()
      return store.create(
        role.account,
        rolePrincipal(role, sessionName),
        {
          issuedAtMs: nowMs,
          expiresAtMs: nowMs + durationSeconds * 1000,
          policies: [],
          tags: {},
          transitiveTagKeys: [],
          chained: false,
          ...(sourceFunctionArn !== undefined && { sourceFunctionArn }),
        },
        { durable: false },
      )
    },
    rolePrincipal,
  }
}
