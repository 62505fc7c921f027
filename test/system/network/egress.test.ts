/** The real internet, opened for a network that asks for it. Here somebody on this machine stands for it: no packet leaves. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

import { describe, expect, it } from 'vitest'

import type { Egress } from '../../../src/network/linux/egress.ts'
import { RESOLV_CONF } from '../../../src/network/network.ts'
import { modelOf } from '../../network/world.ts'
import { createWorld, get, isRefusedHere, runIn } from './world.ts'

const refused = await isRefusedHere()

/** Answers every connection by the address that it was for. */
async function startOutside() {
  const server = createServer((_request, response) => response.end('outside')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const called: string[] = []
  const egress: Egress = {
    connect(address, calledPort) {
      called.push(`${address}:${calledPort}`)
      return connect({ host: '127.0.0.1', port, allowHalfOpen: true })
    },
    resolve: async (name) =>
      name === 'example.com' ? ['93.184.215.14'] : name === 'trap.example' ? ['127.0.0.1'] : [],
  }
  return { egress, called, close: () => server.close() }
}

const PRIVATE = ['127.0.0.2', '10.9.9.9', '172.16.0.1', '192.168.1.1', '169.254.169.254', '198.18.200.1']

describe.skipIf(refused)('egress', () => {
  it('is off unless it is asked for', async () => {
    await using world = createWorld()
    const place = await world.network.createPlace()
    await place.attach({ kind: 'lambda-service' })
    expect(await get(place, '93.184.215.14', 80)).toBe('silent')
  })

  it('lets out who is let out, to any port, and nobody to this machine or its network', async () => {
    const outside = await startOutside()
    await using world = createWorld({ egress: outside.egress })
    await world.network.apply(
      modelOf({
        vpcs: { 'vpc-a': { cidrs: ['10.0.0.0/16'], internetGateway: 'igw-a' } },
        subnets: {
          'subnet-public': { vpc: 'vpc-a', cidr: '10.0.0.0/24', routes: ['0.0.0.0/0 -> igw-a'] },
          'subnet-private': { vpc: 'vpc-a', cidr: '10.0.1.0/24', routes: ['0.0.0.0/0 -> nat-a'] },
        },
        groups: { 'vpc-a': { 'sg-fn': ['out all to 0.0.0.0/0'] } },
        interfaces: {
          'eni-public': { subnet: 'subnet-public', address: '10.0.0.10', groups: ['sg-fn'] },
          'eni-private': { subnet: 'subnet-private', address: '10.0.1.10', groups: ['sg-fn'] },
        },
        natGateways: { 'nat-a': { subnet: 'subnet-public', address: '10.0.0.5', publicAddress: '198.19.0.5' } },
      }),
    )
    const places = await Promise.all([1, 2, 3].map(() => world.network.createPlace()))
    const [service, shut, open] = places
    if (service === undefined || shut === undefined || open === undefined) throw new Error('no places')
    await service.attach({ kind: 'lambda-service' })
    await shut.attach({ kind: 'vpc', networkInterfaceId: 'eni-public' })
    await open.attach({ kind: 'vpc', networkInterfaceId: 'eni-private' })
    expect(await get(service, '93.184.215.14', 80)).toBe('outside')
    expect(await get(open, '93.184.215.14', 8443)).toBe('outside')
    expect(await get(shut, '93.184.215.14', 80)).toBe('silent')
    const inward = await Promise.all(PRIVATE.map((address) => get(service, address, 80)))
    expect(inward.filter((answer) => answer === 'outside')).toEqual([])
    expect(outside.called).toEqual(['93.184.215.14:80', '93.184.215.14:8443'])
    expect(await get(open, '203.0.113.10', 80)).toBe('{"clientAddress":"198.19.0.5"}')
    outside.close()
  })

  it('looks up names of the outside, and none that points inside', async () => {
    const outside = await startOutside()
    await using world = createWorld({ egress: outside.egress })
    const place = await world.network.createPlace()
    await place.attach({ kind: 'lambda-service' })
    const names = ['example.com', 'trap.example', 'nobody.example', 'unknown.us-east-1.amazonaws.com']
    const program = `const { lookup } = require('dns').promises
Promise.all(${JSON.stringify(names)}.map((name) => lookup(name).then((it) => it.address, (error) => error.code))).then((all) => console.log(all.join()))`
    const inside = 'f=$(mktemp); printf "%s" "$0" >$f; mount --bind $f /etc/resolv.conf; rm $f; exec "$@"'
    const command = ['unshare', '--mount', 'sh', '-c', inside, RESOLV_CONF, process.execPath, '-e', program]
    expect((await runIn(place, ...command)).output).toBe('93.184.215.14,ENOTFOUND,ENOTFOUND,ENOTFOUND')
    outside.close()
  })
})
