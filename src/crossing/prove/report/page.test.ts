/** The report's page from data: nothing in it is markup that was not meant, and everything that came of a call is marked. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Decision } from '../../../policy/model.ts'
import type { Hop } from '../../../network/plan/verdict.ts'
import { functionReference } from '../../crossing.ts'
import type { NetworkPath } from '../../explain/network-path.ts'
import type { Landscape, VpcSite } from '../landscape.ts'
import type { ProofRow } from '../proof-row.ts'
import type { CrossingProof, ProofPart } from '../prove.ts'
import { proofPage } from './page.ts'
import { OUTCOME_SIGNS } from './proof-table.ts'
import type { ProofReport } from './report-data.ts'

const FROM = functionReference({ account: '111122223333', region: 'us-east-1', name: 'caller', qualifier: undefined })
const TO = functionReference({ account: '444455556666', region: 'us-east-1', name: 'callee', qualifier: 'prod' })
const CALLER_ARN = 'arn:aws:sts::111122223333:assumed-role/caller-role/caller'

function proofOf(part: ProofPart, rows: readonly ProofRow[]): CrossingProof {
  return { from: FROM.arn, to: TO.arn, type: 'RequestResponse', by: 'code', callerArn: CALLER_ARN, part, rows }
}

const CALL: ProofRow = { id: 'call-sync', title: 'synchronous', expected: 'allowed', outcome: 'allowed', ok: true }

const BARE: Landscape = { caller: { function: FROM }, callee: { function: TO }, unread: [] }

function reportOf(changes: Partial<ProofReport>): ProofReport {
  return {
    startedAt: '2026-11-30T16:00:00.000Z',
    durationMs: 1234,
    interrupted: false,
    region: 'us-east-1',
    accounts: new Map(),
    stacks: [],
    proofs: [proofOf('call', [CALL])],
    landscapes: [BARE],
    decisions: new Map(),
    ...changes,
  }
}

function hop(kind: Hop['kind'], resourceId: string, decision: Hop['decision'], leg: Hop['leg'] = 'request'): Hop {
  return { leg, kind, resourceId, decision, reason: `because of ${resourceId}` }
}

const PASSED = hop('security-group', 'sg-1', 'pass')
const BLOCKED = hop('route-table', 'rtb-1', 'drop')

const LOST: NetworkPath = {
  host: 'lambda.us-east-1.amazonaws.com',
  port: 443,
  outcome: 'fails',
  text: 'times out',
  ways: [
    {
      subnetId: 'subnet-1',
      outcome: 'times-out',
      text: 'times out',
      hops: [PASSED, BLOCKED],
      blockedBy: BLOCKED,
      alsoBlockedBy: [],
    },
  ],
}

const ARRIVING: NetworkPath = {
  ...LOST,
  outcome: 'connects',
  ways: [
    {
      subnetId: 'subnet-1',
      outcome: 'connects',
      text: 'connects',
      hops: [PASSED, hop('vpc-endpoint', 'vpce-1', 'pass'), hop('network-acl', 'acl-reply', 'pass', 'reply')],
      alsoBlockedBy: [],
    },
  ],
}

function inVpc(path: NetworkPath): VpcSite {
  const subnet = { id: 'subnet-1', cidr: '10.0.1.0/24', interface: { id: 'eni-1', address: '10.0.1.4' } }
  return { id: 'vpc-1', cidrs: ['10.0.0.0/16'], subnets: [subnet], securityGroupIds: ['sg-1'], paths: [path] }
}

function denial(requestId: string, decision: Decision): ProofReport['decisions'] {
  const permission = {
    action: 'lambda:InvokeFunction',
    resource: TO.arn,
    resourceAccount: TO.account,
    decision,
  }
  return new Map([
    [requestId, { operation: 'Invoke', caller: CALLER_ARN, account: FROM.account, permissions: [permission] }],
  ])
}

const BY_RESOURCE_POLICY: Decision = {
  outcome: 'implicit_deny',
  blockedBy: 'resource',
  trace: [
    { layer: 'scp', outcome: 'allow', statement: { policyName: 'FullAWSAccess', index: 0 } },
    { layer: 'resource', outcome: 'implicit_deny' },
    { layer: 'identity', outcome: 'allow', statement: { policyName: 'may-call', sid: 'Call', index: 1 } },
    { layer: 'boundary', outcome: undefined },
  ],
}

const DENIED: ProofRow = {
  id: 'no-resource-policy',
  title: 'no resource-based policy on the callee',
  expected: 'denied',
  outcome: 'denied',
  ok: true,
  error: 'AccessDeniedException',
  message: 'User: … is not authorized',
  requestId: 'request-1',
  restored: true,
}

/** What elements a page has, with how many of each. */
function elementsOf(page: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const [, name = ''] of page.matchAll(/<\/?([a-zA-Z!][^\s>/]*)/g)) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** Every text of the page is `text`. */
function pageOf(text: string): string {
  const name = { ...TO, name: text, qualifier: text, arn: text }
  const path: NetworkPath = {
    ...LOST,
    host: text,
    ways: LOST.ways.map((way) => ({
      ...way,
      subnetId: text,
      hops: [{ ...BLOCKED, resourceId: text, reason: text }],
      blockedBy: { ...BLOCKED, resourceId: text, reason: text },
    })),
  }
  const site = {
    function: name,
    organization: { id: text, levels: [text] },
    vpc: { ...inVpc(path), id: text, cidrs: [text], subnets: [{ id: text, cidr: text }] },
  }
  const row: ProofRow = {
    ...DENIED,
    title: text,
    ok: false,
    error: text,
    message: text,
    expectedMessage: text,
    reason: text,
    answer: { [text]: text },
    path,
  }
  const proof = { ...proofOf('call', [row]), from: text, to: text }
  const decision: Decision = {
    outcome: 'explicit_deny',
    blockedBy: 'identity',
    trace: [
      {
        layer: 'identity',
        outcome: 'explicit_deny',
        statement: { policyName: text, policyArn: text, sid: text, index: 0 },
        notes: [text],
      },
    ],
  }
  return proofPage(
    reportOf({
      endpoint: text,
      modelled: text,
      accounts: new Map([[TO.account, text]]),
      stacks: [{ name: text, account: text, action: 'created', outputs: {}, durationMs: 1 }],
      proofs: [proof],
      landscapes: [{ caller: site, callee: site, unread: [text] }],
      decisions: denial('request-1', decision),
    }),
  )
}

describe('a page', () => {
  it('needs nothing else: no script, no style sheet, no picture', () => {
    const page = pageOf('x')
    expect(Object.keys(elementsOf(page)).filter((name) => /^(script|link|img|iframe|object)$/i.test(name))).toEqual([])
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
    expect(page.replaceAll('http-equiv', '')).not.toMatch(/(src|href|url\()=?["']?http/)
  })

  it.each(['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'</title></style><b>", '&lt;b&gt;'])(
    'shows a name like %s as text',
    (name) => {
      expect(elementsOf(pageOf(name))['script']).toBeUndefined()
      expect(pageOf(name)).not.toContain(name)
    },
  )

  it('has as much markup whatever the names are', () => {
    const plain = elementsOf(pageOf('x'))
    // Folding may make lines of the diagram, and nothing else.
    const withoutLines = (counts: Readonly<Record<string, number>>) => ({ ...counts, text: 0 })
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '/', 'b', ' ', ';'), minLength: 1 }),
        (name) => {
          expect(withoutLines(elementsOf(pageOf(name)))).toEqual(withoutLines(plain))
        },
      ),
      { numRuns: 60 },
    )
  })

  it.each(Object.entries(OUTCOME_SIGNS))('marks what came as %s', (outcome, { sign, class: name }) => {
    const row = { ...CALL, outcome: outcome as ProofRow['outcome'] }
    expect(proofPage(reportOf({ proofs: [proofOf('call', [row])] }))).toContain(
      `<span class="pill ${name}">${sign} ${outcome}</span>`,
    )
  })

  it('tells apart what was expected, what was not, and what was skipped', () => {
    const rows: ProofRow[] = [
      CALL,
      { ...CALL, outcome: 'denied', ok: false },
      { ...CALL, outcome: 'skipped', reason: 'there is no organization' },
    ]
    const page = proofPage(reportOf({ proofs: [proofOf('call', rows)] }))
    expect([...page.matchAll(/class="verdict (\w+)"/g)].map(([, state]) => state)).toEqual(['ok', 'wrong', 'skipped'])
    expect(page).toContain('expected allowed')
    expect(page).toContain('there is no organization')
    expect(page).toContain('1 of 2 did not come out as expected')
  })

  it('says that it was interrupted', () => {
    expect(proofPage(reportOf({ interrupted: true }))).toContain('Interrupted before everything was tried')
    expect(proofPage(reportOf({ interrupted: true }))).not.toContain('Everything came out as expected')
  })

  it('puts each row into its group', () => {
    const grant: ProofRow = { ...CALL, id: 'grant-to-role', title: 'granted to the role' }
    const page = proofPage(
      reportOf({
        proofs: [
          proofOf('call', [CALL]),
          proofOf('permissions', [DENIED, grant, { ...DENIED, id: 'other', title: 'granted for another source' }]),
          proofOf('network', [{ ...CALL, id: 'callee-in-private-subnet', title: 'in a private subnet' }]),
        ],
      }),
    )
    const order = [
      'As deployed',
      'The call, made by',
      'Each permission taken away',
      DENIED.title,
      'Each kind of grant',
      'granted to the role',
      'granted for another source',
      'What the network lets through',
      'in a private subnet',
    ]
    const positions = order.map((text) => page.indexOf(text, page.indexOf('<main>')))
    expect(positions).toEqual([...positions].sort((a, b) => a - b))
    expect(positions).not.toContain(-1)
  })
})

describe('a denied call', () => {
  const page = (decisions: ProofReport['decisions']) =>
    proofPage(reportOf({ proofs: [proofOf('permissions', [DENIED])], decisions }))

  it('names the layer that AWS blames, and the statements of the others', () => {
    const found = page(denial('request-1', BY_RESOURCE_POLICY))
    expect(found).toContain(
      '<li class="block"><i>✗</i><span><b>resource-based policy</b> <span>no statement allows it</span></span></li>',
    )
    expect(found).toContain('<b>identity policy</b> <span>allowed by statement 2 (Call) of may-call</span>')
    expect(found).not.toContain('permissions boundary')
  })

  it('has but AWS’s sentence where nobody recorded the decision, or another’s', () => {
    for (const decisions of [new Map(), denial('another-request', BY_RESOURCE_POLICY)]) {
      expect(page(decisions)).toContain('User: … is not authorized')
      expect(page(decisions)).not.toContain('<li class="block">')
    }
  })

  it('as deployed ends at Lambda in the diagram', () => {
    const row = { ...DENIED, id: 'call-sync', expected: 'allowed', ok: false } as const
    const found = proofPage(
      reportOf({ proofs: [proofOf('call', [row])], decisions: denial('request-1', BY_RESOURCE_POLICY) }),
    )
    // In each layout the layer, and the way on to the callee.
    expect(found.match(/class="mark block"/g)).toHaveLength(4)
    expect(found).toContain('way stopped')
  })
})

describe('the diagram', () => {
  const diagram = (landscape: Landscape, outcome: 'allowed' | 'failed' = 'allowed') =>
    proofPage(
      reportOf({
        landscapes: [landscape],
        proofs: [proofOf('call', [{ ...CALL, outcome, ok: outcome === 'allowed' }])],
      }),
    )

  it('marks the hop that blocks the call, and goes on broken', () => {
    const page = diagram({ ...BARE, caller: { function: FROM, vpc: inVpc(LOST) } }, 'failed')
    expect(page).toMatch(/class="mono bad">route-table rtb-1</)
    expect(page).not.toMatch(/class="mono bad">security-group sg-1</)
    expect(page).toContain('head stopped')
    expect(page).toContain('the call does not leave the VPC')
  })

  it('marks none where the call gets through, and leaves the reply out', () => {
    const page = diagram({ ...BARE, caller: { function: FROM, vpc: inVpc(ARRIVING) } })
    expect(page).not.toContain('mark block')
    expect(page).not.toContain('head stopped')
    expect(page).toContain('vpc-endpoint vpce-1')
    expect(page).not.toContain('acl-reply')
  })

  it('shows where the callee’s own calls end', () => {
    const page = diagram({ ...BARE, callee: { function: TO, vpc: inVpc(LOST) } })
    expect(page).toContain('where its own calls get')
    expect(page).toContain('head stopped')
    expect(page).toContain('head call')
  })

  it('has one organization around accounts that share it, and two names for two', () => {
    const place = (id: string) => ({ id, levels: ['root', 'unit workloads'] })
    const shared = diagram({
      ...BARE,
      caller: { function: FROM, organization: place('o-a') },
      callee: { function: TO, organization: place('o-a') },
    })
    expect(shared).toContain('class="organization"')
    const strangers = diagram({
      ...BARE,
      caller: { function: FROM, organization: place('o-a') },
      callee: { function: TO, organization: place('o-b') },
    })
    expect(strangers).not.toContain('class="organization"')
    expect(strangers).toContain('organization o-b')
  })

  it('keeps everything within the picture, however long the names are', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 64 }), fc.string({ maxLength: 80 }), (name, level) => {
        const reference = { ...FROM, name }
        const site = { function: reference, organization: { id: 'o-a', levels: [level] }, vpc: inVpc(LOST) }
        const page = diagram({ caller: site, callee: site, unread: [] })
        for (const [svg, width, height] of page.matchAll(/<svg viewBox="0 0 (\d+) (\d+)".*?<\/svg>/gs)) {
          for (const [, axis, value] of svg.matchAll(/ (x|y|cx|cy)="(-?[\d.]+)"/g)) {
            expect(Number(value)).toBeGreaterThanOrEqual(0)
            expect(Number(value)).toBeLessThanOrEqual(Number(axis?.endsWith('x') === true ? width : height))
          }
        }
      }),
      { numRuns: 40 },
    )
  })
})
