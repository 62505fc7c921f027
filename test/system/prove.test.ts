/** `isthmus prove` as a process: the example project, functions deployed by hand, and proofs that fail or are interrupted. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { CALLEE_ARN, deployCrossing, grantInOtherForms, permissionsOf } from './deployments.ts'
import { ACCOUNTS, createWorkplace, listing, ROOT, type RunningCloud, type Workplace } from './isthmus.ts'
import { isRefusedHere } from './network/world.ts'

const EXAMPLE = join(ROOT, 'examples', 'cross-account')

interface Row {
  readonly id: string
  readonly title: string
  readonly expected: string
  readonly outcome: string
  readonly ok: boolean
  readonly evidence?: string
  readonly error?: string
  readonly message?: string
  readonly requestId?: string
  readonly restored?: boolean
  readonly answer?: unknown
  readonly path?: { readonly outcome: string; readonly text: string }
}

interface Proof {
  readonly ok: boolean
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly stacks: readonly { readonly name: string; readonly action: string; readonly outputs: object }[]
  readonly crossings: readonly {
    readonly from: string
    readonly to: string
    readonly type: string
    readonly by: string
    readonly callerArn: string
    readonly rows: readonly Row[]
  }[]
}

/** AWS's sentences about a call to the alias, by the row that provokes them. */
function sentences(callerArn: string): Readonly<Record<string, string | RegExp>> {
  const alias = CALLEE_ARN
  const call = `User: ${callerArn} is not authorized to perform: lambda:InvokeFunction on resource: ${alias}`
  return {
    'no-identity-policy': `${call} because no identity-based policy allows the lambda:InvokeFunction action`,
    'no-resource-policy': `${call} because no resource-based policy allows the lambda:InvokeFunction action`,
    'grant-to-another-role': `${call} because no resource-based policy allows the lambda:InvokeFunction action`,
    'grant-on-unqualified-function': `${call} because no resource-based policy allows the lambda:InvokeFunction action`,
    'call-to-unqualified-function': `User: ${callerArn} is not authorized to perform: lambda:InvokeFunction on resource: ${alias.replace(/:prod$/, '')} because no resource-based policy allows the lambda:InvokeFunction action`,
    'invoke-async-api': `User: ${callerArn} is not authorized to perform: lambda:InvokeAsync on resource: ${alias} because no resource-based policy allows the lambda:InvokeAsync action`,
    'explicit-deny-in-identity-policy': `${call} with an explicit deny in an identity-based policy`,
    'explicit-deny-in-resource-policy': `${call} with an explicit deny in a resource-based policy`,
    'service-control-policy': expect.stringMatching(
      new RegExp(
        `^${escaped(call)} with an explicit deny in a service control policy: arn:aws:organizations::000000000001:policy/o-[a-z0-9]{10}/service_control_policy/p-[a-z0-9]{8}$`,
      ),
    ) as string,
    'permissions-boundary': `${call} because no permissions boundary allows the lambda:InvokeFunction action`,
    'grant-to-service-for-another-source':
      'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.',
  }
}

const GRANTS = ['grant-to-account', 'grant-to-role', 'grant-to-organization', 'grant-to-service']

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}

/** Every row but the calls, as it must come out. */
function permissionRows(callerArn: string): readonly object[] {
  const denied = Object.entries(sentences(callerArn)).map(([id, message]) => ({
    id,
    expected: 'denied',
    outcome: 'denied',
    error: id === 'grant-to-service-for-another-source' ? 'InvalidParameterException' : 'AccessDeniedException',
    message,
  }))
  const allowed = GRANTS.map((id) => ({ id, expected: 'allowed', outcome: 'allowed' }))
  return [...denied.slice(0, -1), ...allowed, ...denied.slice(-1)].map((row) =>
    expect.objectContaining({
      ...row,
      ok: true,
      restored: true,
      evidence: 'executed',
      requestId: expect.stringMatching(UUID),
    }),
  ) as object[]
}

/** What the network lets through of the example, in order: what is tried, and what must come of it. */
const NETWORK = {
  'callee-in-private-subnet': 'allowed',
  'callee-to-internet': 'timed out',
  'callee-to-internet-nat': 'allowed',
  'caller-in-private-subnet': 'timed out',
  'endpoint-security-group': 'timed out',
  'caller-endpoint': 'allowed',
  'endpoint-policy': 'denied',
  'caller-nat': 'allowed',
  'subnet-out-of-addresses': 'refused',
  'interface-quota': 'refused',
  'ec2-throttled': 'refused',
  'network-restored': 'allowed',
} as const

const LIMITS = ['subnet-out-of-addresses', 'interface-quota', 'ec2-throttled', 'network-restored']

/** Only real packets show these. */
const NEED_PACKETS = ['callee-to-internet', 'callee-to-internet-nat']
const SKIPPED = (await isRefusedHere()) ? NEED_PACKETS : []
const PASSED = 29 - SKIPPED.length

/** Every row of the network, as it must come out. */
function networkRows(skipped: readonly string[]): readonly object[] {
  return Object.entries(NETWORK).map(
    ([id, expected]) =>
      expect.objectContaining({
        id,
        expected,
        outcome: skipped.includes(id) ? 'skipped' : expected,
        ok: true,
      }) as object,
  )
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

let place: Workplace

beforeAll(() => {
  place = createWorkplace()
})

afterAll(async () => {
  await place.close()
})

describe('the example project', () => {
  it('is proved row by row, in AWS’s own words', async () => {
    const report = join(place.folder, 'report.html')
    const { exitCode, stdout } = await place.run(['prove', EXAMPLE, '--json', '--report', report])
    const proof = JSON.parse(stdout) as Proof
    expect(proof).toMatchObject({ ok: true, passed: PASSED, failed: 0, skipped: SKIPPED.length })
    expect(proof.stacks.map(({ name, action }) => [name, action])).toEqual([
      ['cross-account-source', 'created'],
      ['cross-account-target', 'created'],
    ])
    const callerArn = `arn:aws:sts::${ACCOUNTS.source}:assumed-role/caller-role/caller`
    for (const crossing of proof.crossings) {
      expect(crossing).toMatchObject({
        from: `arn:aws:lambda:us-east-1:${ACCOUNTS.source}:function:caller`,
        to: CALLEE_ARN,
        by: 'code',
        callerArn,
      })
    }
    const [synchronous, asynchronous, permissions, network, ...more] = proof.crossings.map(({ rows }) => rows)
    expect(synchronous).toEqual([
      expect.objectContaining({
        id: 'call-sync',
        outcome: 'allowed',
        ok: true,
        answer: expect.objectContaining({
          event: { greeting: 'hello' },
          functionVersion: '1',
          invokedFunctionArn: CALLEE_ARN,
        }),
      }),
    ])
    expect(asynchronous).toEqual([expect.objectContaining({ id: 'call-async', outcome: 'allowed', ok: true })])
    expect(permissions).toEqual(permissionRows(callerArn))
    expect(network).toEqual(networkRows(SKIPPED))
    expect(more).toEqual([])
    expect(exitCode).toBe(0)

    // What EC2 describes says the same as what happened.
    for (const { outcome, path } of network?.filter(({ path: found }) => found !== undefined) ?? []) {
      expect(path?.outcome).toBe(outcome === 'timed out' ? 'fails' : 'connects')
    }
    const page = readFileSync(report, 'utf8')
    rmSync(report)
    const rows = proof.crossings.flatMap((crossing) => crossing.rows)
    expect(page.match(/<span class="verdict ok"/g)).toHaveLength(PASSED)
    expect(page.match(/<span class="pill /g)).toHaveLength(rows.length)
    for (const text of [
      `account source</text>`,
      ACCOUNTS.target,
      'in root › unit workloads',
      '>organization o-',
      '10.20.1.0/24',
      'because no VPC endpoint policy allows the lambda:InvokeFunction action',
      // The layer that denied, the statement, and the hop that loses a packet.
      '<li class="block"><i>✗</i><span><b>resource-based policy</b> <span>no statement allows it</span>',
      '<li class="block"><i>✗</i><span><b>VPC endpoint policy</b> <span>no statement allows it</span>',
      '-deny) of function policy</span></span></li>',
      'allowed by statement 1 (InvokeCallee) of invoke-callee',
    ]) {
      expect(page).toContain(text)
    }
    // The caller's call from a private subnet, and both of the callee's.
    expect(page).toMatch(/<li class="block"><i>✗<\/i><span><b>route-table rtb-\w+<\/b> <span>no route leads to /)
    expect(page).toMatch(/class="mono bad">route-table rtb-\w+<\/text>/)
  })

  it('is told beforehand where its report cannot be written', async () => {
    const folder = await place.run(['prove', EXAMPLE, '--report', place.folder])
    const nowhere = await place.run(['prove', EXAMPLE, '--report', join(place.folder, 'none', 'report.html')])
    expect([folder.exitCode, nowhere.exitCode]).toEqual([2, 2])
    expect(folder.stderr).toContain('is a folder, expected the file to write the report to')
    expect(nowhere.stderr).toContain('cannot be written')
    expect(folder.stdout + nowhere.stdout).toBe('')
  })

  it('is told to a person without colours where nobody looks, and leaves nothing behind', async () => {
    const { exitCode, stdout, stderr } = await place.run(['prove', EXAMPLE])
    // eslint-disable-next-line no-control-regex -- colour codes start with the escape character
    expect(`${stdout}${stderr}`).not.toMatch(/\u001b/)
    const lines = stdout.split('\n')
    expect(lines.filter((line) => line.startsWith('  ✓ '))).toHaveLength(3 + PASSED)
    expect(lines.filter((line) => line.startsWith('  – '))).toHaveLength(SKIPPED.length)
    expect(lines.filter((line) => line.startsWith('  ✗ '))).toEqual([])
    const count = SKIPPED.length === 0 ? '' : `, ${SKIPPED.length} skipped`
    expect(stdout).toMatch(new RegExp(String.raw`\n {2}${PASSED} proved, 0 failed${count} in \d+\.\d s\n$`))
    const words = stdout.replace(/\s+/g, ' ')
    for (const sentence of Object.values(
      sentences(`arn:aws:sts::${ACCOUNTS.source}:assumed-role/caller-role/caller`),
    )) {
      if (typeof sentence === 'string') expect(words).toContain(sentence)
    }
    expect(exitCode).toBe(0)
    expect(listing(place.temporary)).toEqual([])
    expect(listing(place.folder)).toEqual([])
  })
})

describe('functions deployed by hand', () => {
  let cloud: RunningCloud
  let before: object
  const prove = (...more: string[]) => {
    const network = more.includes('--network') ? [] : ['--no-network']
    return ['prove', '--from', 'source:caller', '--to', 'target:callee:prod', ...network, ...more]
  }

  beforeAll(async () => {
    cloud = await place.up()
    await deployCrossing(cloud, { grant: true })
    before = await permissionsOf(cloud)
  })

  it('are proved by a session of the caller’s role, and their permissions are as before', async () => {
    const { exitCode, stdout, stderr } = await place.run(prove('--network', '--json', '--payload', '{"n":1}'))
    const proof = JSON.parse(stdout) as Proof
    const callerArn = `arn:aws:sts::${ACCOUNTS.source}:assumed-role/caller-role/caller`
    const [call, permissions, network] = proof.crossings
    expect(call).toMatchObject({ by: 'role', callerArn })
    expect(call?.rows[0]?.answer).toMatchObject({ event: { n: 1 }, arn: CALLEE_ARN, version: '1' })
    expect(permissions?.rows).toEqual(permissionRows(callerArn))
    // The callee is outside any VPC, and the caller's code makes no call.
    expect(network?.rows).toEqual(networkRows(Object.keys(NETWORK).filter((id) => !LIMITS.includes(id))))
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(await permissionsOf(cloud)).toEqual(before)
  })

  it('are proved by ARN and asynchronously too', async () => {
    const from = `arn:aws:lambda:us-east-1:${ACCOUNTS.source}:function:caller`
    const { exitCode, stdout } = await place.run([
      'prove',
      '--from',
      from,
      '--to',
      CALLEE_ARN,
      '--type',
      'Event',
      '--no-network',
      '--json',
    ])
    const proof = JSON.parse(stdout) as Proof
    expect(proof.crossings.map(({ type, rows }) => [type, rows[0]?.id, rows[0]?.outcome])).toEqual([
      ['Event', 'call-async', 'allowed'],
      ['Event', 'no-identity-policy', 'denied'],
    ])
    expect(exitCode).toBe(0)
    expect(await permissionsOf(cloud)).toEqual(before)
  })

  it('get back permissions of every form', async () => {
    const other = createWorkplace()
    try {
      const manifold = await other.up()
      await deployCrossing(manifold, { grant: false })
      await grantInOtherForms(manifold)
      const asFound = await permissionsOf(manifold)
      const { exitCode, stdout } = await other.run(prove('--json'))
      expect((JSON.parse(stdout) as Proof).crossings.flatMap(({ rows }) => rows.filter(({ ok }) => !ok))).toEqual([])
      expect(exitCode).toBe(0)
      expect(await permissionsOf(manifold)).toEqual(asFound)
    } finally {
      await other.close()
    }
  })

  it('are denied without a grant, which is said, and nothing else is tried', async () => {
    const other = createWorkplace()
    try {
      const without = await other.up()
      await deployCrossing(without, { grant: false })
      const untouched = await permissionsOf(without)
      const [person, json] = await Promise.all([other.run(prove()), other.run(prove('--json'))])
      const why = `User: arn:aws:sts::${ACCOUNTS.source}:assumed-role/caller-role/caller is not authorized to perform: lambda:InvokeFunction on resource: ${CALLEE_ARN} because no resource-based policy allows the lambda:InvokeFunction action`
      expect(person.exitCode).toBe(1)
      expect(person.stdout.replace(/\s+/g, ' ')).toContain(`AccessDeniedException: ${why}`)
      expect(person.stdout).toMatch(/\n {2}0 proved, 1 failed in /)
      const [, hint = ''] = /hint: `isthmus (.*)`/.exec(person.stderr) ?? []
      const explained = await other.run(hint.split(' '))
      expect(explained.stdout).toContain('callee:prod has no resource-based policy')
      expect(json.exitCode).toBe(1)
      const proof = JSON.parse(json.stdout) as Proof
      expect(proof).toMatchObject({ ok: false, passed: 0, failed: 1 })
      expect(proof.crossings.flatMap(({ rows }) => rows)).toEqual([
        expect.objectContaining({ id: 'call-sync', expected: 'allowed', outcome: 'denied', ok: false, message: why }),
      ])
      expect(await permissionsOf(without)).toEqual(untouched)
    } finally {
      await other.close()
    }
  })

  it.each([
    ['SIGINT', 'no identity policy'],
    ['SIGINT', 'a service control policy'],
    ['SIGTERM', 'the grant given to another role'],
  ] as const)('get their permissions back when %s interrupts the proof after “%s”', async (signal, row) => {
    const proof = place.start(prove())
    await proof.line(row)
    const { exitCode, stdout, stderr } = await proof.kill(signal)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('interrupted: restoring the permissions, then stopping')
    expect(stdout).not.toContain('granted to that service principal')
    expect(await permissionsOf(cloud)).toEqual(before)
  })

  it('is not ok for a machine when it was interrupted', async () => {
    const proof = place.start(prove('--json'))
    // It prints nothing before its end: the cloud tells when it has begun.
    await begun(cloud)
    const { exitCode, stdout } = await proof.kill('SIGINT')
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, interrupted: true })
    expect(await permissionsOf(cloud)).toEqual(before)
  })
})

/** Resolves once something of a proof's is in the caller's account, or something of the caller's is gone. */
async function begun(cloud: RunningCloud): Promise<void> {
  for (;;) {
    try {
      if (JSON.stringify(await permissionsOf(cloud)).includes('isthmus-prove-')) return
    } catch (error) {
      // A policy was taken away after it was listed.
      if (error instanceof Error && error.name === 'NoSuchEntityException') return
      throw error
    }
  }
}
