/**
 * What the real VPC needs and a Linux machine may lack: `ip` and `nft`. As root on Debian or Ubuntu it installs them and says so, unless
 * ISTHMUS_INSTALL=never forbids it; else it names the command that would. It never fails: without them the VPC is modelled.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import process from 'node:process'

const PACKAGES = { ip: 'iproute2', nft: 'nftables' }
/** Debian keeps administrators' tools off an ordinary user's PATH. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter).filter(isAbsolute), '/usr/sbin', '/sbin']

function isThere(tool) {
  return FOLDERS.some((folder) => existsSync(join(folder, tool)))
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}

function apt(...args) {
  // The child's own output is progress, and stdout belongs to the command that follows.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 2, 2], env }).status === 0
}

function say(text) {
  process.stderr.write(`isthmus: ${text}\n`)
}

function main() {
  if (process.platform !== 'linux') return
  const missing = Object.keys(PACKAGES).filter((tool) => !isThere(tool))
  if (missing.length === 0) return
  const packages = missing.map((tool) => PACKAGES[tool])
  const command = `apt-get install ${packages.join(' ')}`
  const lacking = `the real VPC needs ${missing.map((tool) => `\`${tool}\``).join(' and ')}`
  if (process.env.ISTHMUS_INSTALL === 'never' || process.getuid() !== 0 || !isDebian() || !isThere('apt-get')) {
    say(`${lacking}: it is modelled until you run \`${process.getuid() === 0 ? '' : 'sudo '}${command}\``)
    return
  }
  say(`${lacking}: installing ${packages.join(' and ')} (ISTHMUS_INSTALL=never forbids it)`)
  if (!(apt('update') && apt('install', '-y', ...packages))) say(`\`${command}\` failed: the VPC is modelled`)
}

main()
