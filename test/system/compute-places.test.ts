/** Functions in network namespaces of their own: the Runtime API and AWS are reached, this machine is not. */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

import type { Attachment, Compute, Places } from '../../src/compute/compute.ts'
import { systemClock } from '../../src/core/clock.ts'
import { createLinuxNetwork } from '../../src/network/linux/linux-network.ts'
import { RESOLV_CONF, type ConnectionOrigin } from '../../src/network/network.ts'
import { createHarness, type Harness } from './compute-harness.ts'
import { processesWith } from './compute-processes.ts'
import { isRefusedHere } from './network/world.ts'

const refused = await isRefusedHere()
/** The public address of AWS's first service, and the test internet's host. */
const AWS = '198.18.0.1:443'
const INTERNET = '203.0.113.10:80'

interface Stage extends Harness {
  readonly origins: readonly ConnectionOrigin[]
  readonly attachments: readonly Attachment[]
  /** A port on which this machine's own loopback is listened to. */
  readonly hostPort: number
}

const stages: Stage[] = []
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.close()
})

/** `attach`: instead of the network's own. */
async function createStage(attach?: (attachment: Attachment) => Promise<void>): Promise<Stage> {
  const origins: ConnectionOrigin[] = []
  const attachments: Attachment[] = []
  const aws = createServer((_request, response) => {
    const arn = 'arn:aws:sts::111122223333:assumed-role/r/s'
    response.end(
      '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
        `<Arn>${arn}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`,
    )
  })
  const ownLoopback = createServer().listen(0, '127.0.0.1')
  let compute: Compute | undefined
  const network = createLinuxNetwork({
    path: process.env['PATH'] ?? '',
    clock: systemClock,
    host: {
      onAwsConnection(socket, origin) {
        origins.push(origin)
        aws.emit('connection', socket)
      },
      onRuntimeConnection: (socket, address) => compute?.onRuntimeConnection(socket, address),
      notice: () => {},
    },
  })
  const places: Places = {
    async create() {
      const place = await network.createPlace()
      return {
        ...place,
        attach(attachment) {
          attachments.push(attachment)
          return attach === undefined ? place.attach(attachment) : attach(attachment)
        },
      }
    },
    resolvConf: RESOLV_CONF,
    endpointVariables: (region) => ({ AWS_ENDPOINT_URL_STS: `http://sts.${region}.amazonaws.com:443` }),
  }
  const harness = await createHarness({ places })
  compute = harness.compute
  const stage: Stage = {
    ...harness,
    origins,
    attachments,
    hostPort: (ownLoopback.address() as AddressInfo).port,
    async close() {
      await harness.close()
      await network.close()
      ownLoopback.close()
    },
  }
  stages.push(stage)
  return stage
}

describe.skipIf(refused)('in a place, a function', () => {
  it('reaches AWS by its SDK and the test internet, from Lambda’s own address, and nothing of this machine', async () => {
    const stage = await createStage()
    const image = await stage.image('surroundings', { handler: 'calls.handler' })
    const ownLoopback = `127.0.0.1:${stage.hostPort}`
    const { value, text } = await stage.invoke(image, { identity: true, sockets: [ownLoopback, AWS, INTERNET] })
    expect(value, text).toMatchObject({
      identity: 'arn:aws:sts::111122223333:assumed-role/r/s',
      sockets: { [ownLoopback]: 'ECONNREFUSED', [AWS]: 'reached', [INTERNET]: 'reached' },
      runtimeApi: '169.254.100.1:9001',
    })
    expect(value).not.toHaveProperty('endpointUrl')
    expect(stage.origins[0]).toEqual({ sourceIp: '198.18.255.1' })
    expect(stage.attachments).toEqual([{ kind: 'lambda-service' }])
    expect((await stage.invoke(image, { sockets: [] })).functionError).toBeUndefined()
  })

  it('is served in every language, and again after a crash in the same place', async () => {
    const stage = await createStage()
    const custom = await stage.image('custom', { runtime: 'provided.al2023' })
    expect((await stage.invoke(custom, { n: 1 })).functionError).toBeUndefined()
    const python = await stage.image('python', { runtime: 'python3.12', handler: 'app.echo' })
    expect((await stage.invoke(python, 2)).value).toMatchObject({ event: 2 })
    const crashing = await stage.image('crashing', { handler: 'index.kills' })
    expect((await stage.invoke(crashing)).text).toContain('signal: killed')
    expect((await stage.invoke(crashing)).text).toContain('signal: killed')
    expect(stage.attachments).toHaveLength(3)
  })

  it('has extensions, whose listeners on its own loopback are sent telemetry', async () => {
    const stage = await createStage()
    const layer = await mkdtemp(join(tmpdir(), 'isthmus-layer-'))
    await cp(join(import.meta.dirname, '..', 'fixtures', 'extension-layer'), layer, { recursive: true })
    const environment = { HOST_NODE: process.execPath, EXTENSION: 'telemetry' }
    const image = await stage.image('extended', { layerDirectories: [layer], environment })
    const { requestId } = await stage.invoke(image)
    const { value } = await stage.invoke(image, { until: 'platform.report' })
    expect(value).toContainEqual(
      expect.objectContaining({ type: 'platform.start', record: { requestId, version: '$LATEST' } }),
    )
    await stage.compute.close()
    expect(stage.messages().join('')).toContain('observer SHUTDOWN spindown')
    await rm(layer, { recursive: true })
  })

  it('takes turns with its other environments among the interfaces of its subnets', async () => {
    const stage = await createStage(async () => {})
    const network = { kind: 'vpc', networkInterfaceIds: ['eni-1', 'eni-2'] } as const
    const image = await stage.image('slow', { network })
    await Promise.all(Array.from({ length: 4 }, () => stage.invoke(image, { waitMs: 400 })))
    const ids = stage.attachments.map((attachment) => (attachment.kind === 'vpc' ? attachment.networkInterfaceId : ''))
    expect(ids.filter((id) => id === 'eni-1')).toHaveLength(2)
    expect(ids.filter((id) => id === 'eni-2')).toHaveLength(2)
  })

  it('fails as the fault of this machine when it cannot be attached, and leaves nothing behind', async () => {
    const stage = await createStage(() => Promise.reject(new Error('no such interface')))
    const image = await stage.image('trivial')
    await expect(stage.invoke(image)).rejects.toMatchObject({
      name: 'HostCapacityError',
      message: expect.stringContaining('no such interface'),
    })
    const work = image.codeDirectory.replace(/\/code\/.*/, '')
    await stage.close()
    expect(processesWith(work)).toEqual([])
  })
})
