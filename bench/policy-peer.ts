/**
 * The same decisions by iam-simulate, where somebody has installed it by hand: it is AGPL-3.0 and so no dependency of any kind.
 * `IAM_SIMULATE` may be the URL of its main module.
 */
import { CONTEXT, FUNCTION, OWNER, sessionArn, type WorldDocuments } from './policy-worlds.ts'

const PEER: string = process.env['IAM_SIMULATE'] ?? '@cloud-copilot/iam-simulate'

interface Peer {
  runSimulation(simulation: object, options: object): Promise<{ readonly overallResult?: string }>
}

/** Undefined where it is not installed. Throws when it does not come to the same decision. */
export async function peerDecision(documents: WorldDocuments): Promise<(() => Promise<unknown>) | undefined> {
  const peer = await import(PEER).catch(() => undefined)
  if (!isPeer(peer)) return undefined
  const named = (policy: object, index: number): object => ({ name: `policy${index}`, policy })
  const simulation = {
    request: {
      principal: sessionArn('caller'),
      action: 'lambda:InvokeFunction',
      resource: { resource: FUNCTION, accountId: OWNER },
      contextVariables: CONTEXT,
    },
    identityPolicies: [documents.identity].map(named),
    serviceControlPolicies: documents.scps.map((policies, index) => ({
      orgIdentifier: `level${index}`,
      policies: policies.map(named),
    })),
    resourceControlPolicies: [],
    resourcePolicy: documents.resource,
  }
  const { overallResult } = await peer.runSimulation(simulation, {})
  if (overallResult !== 'Allowed') throw new Error(`iam-simulate decides ${overallResult}, expected Allowed`)
  return () => peer.runSimulation(simulation, {})
}

function isPeer(value: unknown): value is Peer {
  return typeof value === 'object' && value !== null && 'runSimulation' in value
}
