/** A VPC that changes while it is used, its names, its services on this machine, and what is left of a network that ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, it } from 'vitest'

import { RESOLV_CONF } from '../../../src/network/network.ts'
import type { NetworkModel } from '../../../src/network/plan/model.ts'
import { modelOf, type World as WorldDescription } from '../../network/world.ts'
import { descendantsOf, stillRunning } from '../process-tree.ts'
import { createWorld, get, isRefusedHere, runIn } from './world.ts'

const refused = await isRefusedHere()

const WORLD: WorldDescription = {
  vpcs: { 'vpc-a': { cidrs: ['10.0.0.0/16'], internetGateway: 'igw-a' } },
  subnets: {
    'subnet-public': { vpc: 'vpc-a', cidr: '10.0.0.0/24', routes: ['0.0.0.0/0 -> igw-a'] },
    'subnet-fn': { vpc: 'vpc-a', cidr: '10.0.1.0/24' },
    'subnet-db': { vpc: 'vpc-a', cidr: '10.0.2.0/24' },
  },
  groups: {
    'vpc-a': { 'sg-fn': ['out all to 0.0.0.0/0'], 'sg-db': ['in tcp 5432 from sg-fn', 'in tcp 443 from sg-fn'] },
  },
  interfaces: {
    'eni-fn': { subnet: 'subnet-fn', address: '10.0.1.10', groups: ['sg-fn'] },
    'eni-db': { subnet: 'subnet-db', address: '10.0.2.10', groups: ['sg-db'], listens: [5432] },
  },
}
const FUNCTION = { kind: 'vpc', networkInterfaceId: 'eni-fn' } as const

/** An echo on this machine's loopback, in the place of a database. */
async function withDatabase(use: (model: (description: WorldDescription) => NetworkModel) => Promise<void>) {
  const server = createTcpServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: hostPort } = server.address() as AddressInfo
  const withPort = (model: NetworkModel): NetworkModel => ({
    ...model,
    networkInterfaces: model.networkInterfaces.map((it) =>
      it.kind.kind === 'host' ? { ...it, kind: { kind: 'host', listeners: [{ port: 5432, hostPort }] } } : it,
    ),
  })
  try {
    await use((description) => withPort(modelOf(description)))
  } finally {
    server.close()
  }
}

/** Says `hello` and prints what comes back; then the same for every line that is put in. */
const ECHO_CLIENT = `exec 3<>/dev/tcp/10.0.2.10/5432 || exit 1
while read -r line; do echo "$line" >&3; read -r -t 5 -u 3 answer && echo "back: $answer"; done`

describe.skipIf(refused)('a VPC in use', () => {
  it('takes a rule away for new connections and leaves established ones alone', async () => {
    await withDatabase(async (modelFor) => {
      await using world = createWorld()
      await world.network.apply(modelFor(WORLD))
      const place = await world.network.createPlace()
      await place.attach(FUNCTION)
      const [file, ...args] = [...place.prefix, 'bash', '-c', ECHO_CLIENT]
      const client = spawn(file ?? '', args, { stdio: ['pipe', 'pipe', 'inherit'] })
      const say = async (text: string) => {
        client.stdin.write(`${text}\n`)
        const [answer] = (await once(client.stdout, 'data')) as [Buffer]
        return answer.toString().trim()
      }
      expect(await say('one')).toBe('back: one')
      await world.network.apply(
        modelFor({ ...WORLD, groups: { 'vpc-a': { 'sg-fn': ['out all to 0.0.0.0/0'], 'sg-db': [] } } }),
      )
      expect(await say('two')).toBe('back: two')
      expect(await get(place, '10.0.2.10', 5432)).toBe('silent')
      client.kill('SIGKILL')
    })
  })

  it('follows a network ACL at once, also for established connections', async () => {
    await withDatabase(async (modelFor) => {
      await using world = createWorld()
      await world.network.apply(modelFor(WORLD))
      const place = await world.network.createPlace()
      await place.attach(FUNCTION)
      const question = `exec 3<>/dev/tcp/10.0.2.10/5432; echo one >&3; read -r -t 5 -u 3 a; echo "got $a"; read -r go; echo two >&3; read -r -t 1 -u 3 b; echo "got $b"`
      const [file, ...args] = [...place.prefix, 'bash', '-c', question]
      const client = spawn(file ?? '', args, { stdio: ['pipe', 'pipe', 'inherit'] })
      let output = ''
      client.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
      await once(client.stdout, 'data')
      await world.network.apply(
        modelFor({
          ...WORLD,
          subnets: { ...WORLD.subnets, 'subnet-db': { vpc: 'vpc-a', cidr: '10.0.2.0/24', acl: 'acl-shut' } },
          networkAcls: { 'acl-shut': [] },
        }),
      )
      client.stdin.write('go\n')
      await once(client, 'close')
      expect(output).toBe('got one\ngot \n')
    })
  })

  it('refuses where the service on this machine does not listen', async () => {
    await using world = createWorld()
    const server = createTcpServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port: hostPort } = server.address() as AddressInfo
    server.close()
    const model = modelOf(WORLD)
    await world.network.apply({
      ...model,
      networkInterfaces: model.networkInterfaces.map((it) =>
        it.id === 'eni-db' ? { ...it, kind: { kind: 'host', listeners: [{ port: 5432, hostPort }] } } : it,
      ),
    })
    const place = await world.network.createPlace()
    await place.attach(FUNCTION)
    const { output } = await runIn(place, 'bash', '-c', 'exec 3<>/dev/tcp/10.0.2.10/5432; cat <&3')
    expect(output).toMatch(/Connection reset|^$/)
  })

  it('gains and loses endpoints, gateways and peers', async () => {
    await using world = createWorld()
    await world.network.apply(modelOf(WORLD))
    const place = await world.network.createPlace()
    await place.attach(FUNCTION)
    const lambda = '198.18.0.1'
    expect(await get(place, lambda, 443)).toBe('silent')
    const withNat: WorldDescription = {
      ...WORLD,
      subnets: {
        ...WORLD.subnets,
        'subnet-fn': { vpc: 'vpc-a', cidr: '10.0.1.0/24', routes: ['0.0.0.0/0 -> nat-a'] },
      },
      natGateways: { 'nat-a': { subnet: 'subnet-public', address: '10.0.0.5', publicAddress: '198.19.0.5' } },
    }
    await world.network.apply(modelOf(withNat))
    expect(await get(place, lambda, 443)).toBe('{"aws":{"sourceIp":"198.19.0.5"}}')
    const endpoint = { vpc: 'vpc-a', service: 'lambda', addresses: { 'subnet-db': '10.0.2.50' }, groups: ['sg-db'] }
    await world.network.apply(modelOf({ ...WORLD, endpoints: { 'vpce-lambda': endpoint } }))
    expect(await get(place, lambda, 443)).toBe('silent')
    expect(JSON.parse(await get(place, '10.0.2.50', 443))).toEqual({
      aws: { endpoint: { vpcEndpointId: 'vpce-lambda', vpcId: 'vpc-a', sourceIp: '10.0.1.10' } },
    })
    await world.network.apply(modelOf(WORLD))
    expect(await get(place, '10.0.2.50', 443)).toBe('silent')
  })

  it('answers names as its resolver would, over the resolver that every place has', async () => {
    await using world = createWorld()
    const endpoint = { vpc: 'vpc-a', service: 'lambda', addresses: { 'subnet-db': '10.0.2.50' }, groups: ['sg-db'] }
    await world.network.apply(modelOf({ ...WORLD, endpoints: { 'vpce-lambda': endpoint } }))
    const place = await world.network.createPlace()
    const outside = await world.network.createPlace()
    await Promise.all([place.attach(FUNCTION), outside.attach({ kind: 'lambda-service' })])
    const names = ['lambda.us-east-1.amazonaws.com', 'internet.isthmus.test', 'nobody.example.com']
    const program = `const { lookup } = require('dns').promises
Promise.all(${JSON.stringify(names)}.map((name) => lookup(name).then((it) => it.address, (error) => error.code))).then((all) => console.log(all.join()))`
    const inside = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'printf "%s" "$0" >/tmp/resolv.conf.$$; mount --bind /tmp/resolv.conf.$$ /etc/resolv.conf; rm /tmp/resolv.conf.$$; exec "$@"',
    ]
    const command = [...inside, RESOLV_CONF, process.execPath, '-e', program]
    expect((await runIn(place, ...command)).output).toBe('10.0.2.50,203.0.113.10,ENOTFOUND')
    expect((await runIn(outside, ...command)).output).toBe('198.18.0.1,203.0.113.10,ENOTFOUND')
  })

  it('is as it was after a change that failed, and follows the next one', async () => {
    await using world = createWorld()
    await world.network.apply(modelOf(WORLD))
    const place = await world.network.createPlace()
    await place.attach(FUNCTION)
    const limitNamespaces = (limit: number) =>
      runIn(place, 'sh', '-c', `echo ${limit} >/proc/sys/user/max_net_namespaces`)
    const natGateways = Object.fromEntries(
      [1, 2, 3].map((number) => [`nat-${number}`, { subnet: 'subnet-public', address: `10.0.0.${number + 4}` }]),
    )
    const larger = { ...WORLD, natGateways, groups: { 'vpc-a': { 'sg-fn': ['out tcp 443 to 0.0.0.0/0'] } } }
    const endpoint = { vpc: 'vpc-a', service: 'lambda', addresses: { 'subnet-db': '10.0.2.50' }, groups: ['sg-db'] }
    await limitNamespaces(5)
    await expect(world.network.apply(modelOf(larger))).rejects.toThrow('No space left on device')
    await limitNamespaces(1000)
    expect(await get(place, '169.254.100.1', 9001)).toContain(place.address)
    await world.network.apply(modelOf({ ...WORLD, natGateways, endpoints: { 'vpce-lambda': endpoint } }))
    expect(await get(place, '10.0.2.50', 443)).toContain('vpce-lambda')
  })

  it('cuts off who is connected to an endpoint that goes', async () => {
    await using world = createWorld()
    const endpoint = { vpc: 'vpc-a', service: 'lambda', addresses: { 'subnet-db': '10.0.2.50' }, groups: ['sg-db'] }
    await world.network.apply(modelOf({ ...WORLD, endpoints: { 'vpce-lambda': endpoint } }))
    const place = await world.network.createPlace()
    await place.attach(FUNCTION)
    const program = 'exec 3<>/dev/tcp/10.0.2.50/443; echo up; ! read -r -t 10 -u 3 x'
    const [file, ...args] = [...place.prefix, 'bash', '-c', program]
    const client = spawn(file ?? '', args, { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(client.stdout, 'data')
    const ended = once(client, 'close')
    await world.network.apply(modelOf(WORLD))
    expect(await ended).toEqual([0, null])
  })

  it('refuses to attach to an interface that is not there', async () => {
    await using world = createWorld()
    await world.network.apply(modelOf(WORLD))
    const place = await world.network.createPlace()
    await expect(place.attach({ kind: 'vpc', networkInterfaceId: 'eni-gone' })).rejects.toThrow('eni-gone')
    await expect(place.attach({ kind: 'vpc', networkInterfaceId: 'eni-db' })).rejects.toThrow('eni-db')
  })

  it('makes up its mind once when it is told several times in a row', async () => {
    await using world = createWorld()
    const models = [WORLD, { ...WORLD, interfaces: {} }, WORLD].map(modelOf)
    await Promise.all(models.map((model) => world.network.apply(model)))
    const place = await world.network.createPlace()
    await place.attach(FUNCTION)
    expect(await get(place, '10.0.2.10', 22)).toBe('silent')
  })
})

describe.skipIf(refused)('a network that ends', () => {
  it('takes every process along, also one that never looks up', async () => {
    const world = createWorld()
    const place = await world.network.createPlace()
    const [file, ...args] = [...place.prefix, 'sh', '-c', 'echo up; while :; do :; done']
    const child = spawn(file ?? '', args, { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(child.stdout, 'data')
    const processes = descendantsOf(process.pid).filter(({ command }) => /while :|nft -i|perl/.test(command))
    expect(processes.length).toBeGreaterThanOrEqual(3)
    await world[Symbol.asyncDispose]()
    await world.network.close()
    await goneSoon(processes)
  })

  it('leaves nothing behind when its process is killed, and the next one starts at once', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', `${import.meta.dirname}/network-process.ts`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    const processes = descendantsOf(child.pid ?? 0)
    expect(processes.some(({ command }) => command.includes('while :'))).toBe(true)
    child.kill('SIGKILL')
    await using world = createWorld()
    const place = await world.network.createPlace()
    expect(await get(place, '169.254.100.1', 9001)).toBe(JSON.stringify({ place: place.address }))
    await goneSoon(processes)
  })
})

const GONE_MS_MAX = 15_000

async function goneSoon(processes: Parameters<typeof stillRunning>[0]): Promise<void> {
  for (let waitedMs = 0; waitedMs < GONE_MS_MAX && stillRunning(processes).length > 0; waitedMs += 50) await sleep(50)
  expect(stillRunning(processes)).toEqual([])
}
