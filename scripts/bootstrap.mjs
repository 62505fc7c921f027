/**
 * Makes a fresh or changed checkout ready to run: `npm ci` when the installed packages are not those of the lock file, `tsc` when the build is
 * older than the sources. Plain JavaScript, because nothing is installed yet when it runs. Everything it says goes to stderr.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const NODE_MAJOR_MIN = 20
const NODE_MINOR_MIN = 19

/** Packages and build. Does nothing in an installed package, which ships `dist` and no sources. */
export function ensureBuilt() {
  requireNode()
  if (!existsSync(join(root, 'src'))) return
  ensureInstalled()
  const stamp = join(root, 'dist', '.built-from')
  const sources = fingerprint()
  if (read(stamp) === sources) return
  say('building')
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'])
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, sources)
}

export function ensureInstalled() {
  requireNode()
  const lock = readFileSync(join(root, 'package-lock.json'))
  const wanted = createHash('sha256').update(lock).digest('hex')
  const stamp = join(root, 'node_modules', '.installed-from')
  if (read(stamp) === wanted) return
  say('installing packages (npm ci)')
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  if (npm?.endsWith('.js')) run(process.execPath, [npm, ...args])
  else run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args)
  writeFileSync(stamp, wanted)
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > NODE_MAJOR_MIN || (major === NODE_MAJOR_MIN && minor >= NODE_MINOR_MIN)) return
  say(`Node ${process.versions.node} is too old, expected ${NODE_MAJOR_MIN}.${NODE_MINOR_MIN} or later`)
  process.exit(3)
}

/** Changes when a source file is added, removed, resized or touched. */
function fingerprint() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'tsconfig.json')))
  for (const entry of readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true }).sort(byPath)) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath ?? entry.path, entry.name)
    const { size, mtimeMs } = statSync(path)
    hash.update(`${path}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function byPath(a, b) {
  const left = join(a.parentPath ?? a.path, a.name)
  const right = join(b.parentPath ?? b.path, b.name)
  return left < right ? -1 : 1
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function run(command, args) {
  // The child's own output is progress, and stdout belongs to the command that follows.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (error) say(`${command} could not be started: ${error.message}`)
  if (status !== 0) {
    say(`${command} ${args.join(' ')} failed`)
    process.exit(3)
  }
}

function say(text) {
  process.stderr.write(`isthmus: ${text}\n`)
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--no-build')) ensureInstalled()
  else ensureBuilt()
}
