/** Places for execution environments, in the real kernel: what they reach before and after they are attached, and what is left of them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

import { describe, expect, it } from 'vitest'

import type { Place } from '../../../src/network/network.ts'
import { createWorld, get, isRefusedHere, runIn } from './world.ts'

const refused = await isRefusedHere()

/** As compute starts a function: its own user, process and mount namespaces within the place. */
const CONTAINED = ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', 'unshare', '--user', '--map-user=993']
const AS_FUNCTION = [...CONTAINED, '--map-group=990', '--pid', '--fork', '--kill-child', '--mount-proc', '--']

describe.skipIf(refused)('a place', () => {
  it('reaches the Runtime API, which tells it by its address, and before it is attached nothing else', async () => {
    await using world = createWorld()
    const [one, other] = await Promise.all([world.network.createPlace(), world.network.createPlace()])
    expect(await get(one, '169.254.100.1', 9001)).toBe(JSON.stringify({ place: one.address }))
    expect(await get(other, '169.254.100.1', 9001)).toBe(JSON.stringify({ place: other.address }))
    expect(world.runtimeCallers).toEqual([one.address, other.address])
    expect(await Promise.all([get(one, '203.0.113.10', 80), get(one, '198.18.0.1', 443)])).toEqual(['silent', 'silent'])
  })

  it("reaches AWS and the test internet from Lambda's own address once it is attached to Lambda's network", async () => {
    await using world = createWorld()
    const place = await world.network.createPlace()
    await place.attach({ kind: 'lambda-service' })
    const aws = JSON.stringify({ aws: { sourceIp: '198.18.255.1' } })
    expect(await get(place, '198.18.0.1', 443)).toBe(aws)
    expect(await get(place, '198.18.0.1', 80)).toBe(aws)
    expect(await get(place, '203.0.113.10', 80)).toBe('{"clientAddress":"198.18.255.1"}')
    expect(await Promise.all([get(place, '203.0.113.10', 443), get(place, '198.18.0.1', 22)])).toEqual([
      'refused',
      'silent',
    ])
  })

  it('sees no other place, and of loopback only its own', async () => {
    await using world = createWorld()
    const [one, other] = await Promise.all([world.network.createPlace(), world.network.createPlace()])
    await one.attach({ kind: 'lambda-service' })
    const server = await listenIn(other)
    expect(await get(one, other.address, 8080)).toBe('silent')
    expect(await get(other, other.address, 8080)).toBe('here')
    expect(await get(one, '127.0.0.1', 8080)).toBe('refused')
    server.kill('SIGKILL')
  })

  it('gives a contained function no power over its network and no sight of other processes', async () => {
    await using world = createWorld()
    const place = await world.network.createPlace()
    const attempts = 'id -u; ls /proc | grep -c "^[0-9]"; ip link set eth0 mtu 1400; unshare --net true; kill -0 2'
    const { output } = await runIn(place, ...AS_FUNCTION, 'sh', '-c', `${attempts}; grep CapEff /proc/self/status`)
    expect(output).toContain('993')
    expect(output).toMatch(/CapEff:\s+0{16}/)
    expect(output.match(/not permitted/g)).toHaveLength(2)
    expect(output).toMatch(/No such process/)
  })

  it('is made by the hundred, and can be removed twice', async () => {
    await using world = createWorld()
    const places = await Promise.all(Array.from({ length: 100 }, () => world.network.createPlace()))
    expect(new Set(places.map(({ address }) => address)).size).toBe(100)
    await Promise.all(places.flatMap((place) => [place.remove(), place.remove()]))
    const [place] = places
    await expect(place?.attach({ kind: 'lambda-service' })).rejects.toThrow('removed')
  })
})

async function listenIn(place: Place) {
  const program = `require('net').createServer((s) => s.end('HTTP/1.0 200 OK\\r\\n\\r\\nhere')).listen(8080, () => console.log('listening'))`
  const [command, ...args] = [...place.prefix, ...AS_FUNCTION, process.execPath, '-e', program]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}
