/** What is said where a machine refuses namespaces: the refusals of other machines, made on this one. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

import { isRefusedHere } from './world.ts'

const refused = await isRefusedHere()

async function detectAfter(preparation: string): Promise<string> {
  const program = `import { detect } from '${import.meta.dirname}/../../../src/network/linux/detect.ts'
detect(process.env.PATH ?? '').then((it) => console.log(it === undefined ? 'nothing' : it.refusal + ': ' + it.message))`
  const command = `${preparation}; exec "$0" --import tsx --input-type=module -e "$1"`
  const args = ['--user', '--map-root-user', '--mount', 'sh', '-ec', command, process.execPath, program]
  const { stdout } = await promisify(execFile)('unshare', args)
  return stdout.trim()
}

describe.skipIf(refused)('detection', () => {
  it('finds nothing missing where nothing is, one user namespace further down', async () => {
    expect(await detectAfter('true')).toBe('nothing')
  })

  it('tells a limit on namespaces', async () => {
    expect(await detectAfter('echo 0 >/proc/sys/user/max_user_namespaces')).toMatch(/^namespaces-limited: /)
  })

  it('tells settings that are read-only, as in a container', async () => {
    const preparation = 'mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys'
    expect(await detectAfter(preparation)).toMatch(/^settings-read-only: /)
  })
})
