/**
 * Makes a fresh or changed checkout ready to run: `npm ci` when the installed packages are not those of the lock file, `tsc` when the build is
 * older than the sources. Several may run at once: one works, the others wait, and a build takes the place of the last one when it is whole.
 * Plain JavaScript, because nothing is installed yet when it runs. Everything it says goes to stderr.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const lock = join(root, '.bootstrap-lock')
const NODE_MAJOR_MIN = 20
const NODE_MINOR_MIN = 19
const LOCK_POLL_MS = 50

/** Packages and build. Does nothing in an installed package, which ships `dist` and no sources. */
export function ensureBuilt() {
  if (existsSync(join(root, 'src')))
    ensure([
      [isInstalled, install],
      [isBuilt, build],
    ])
  else requireNode()
}

export function ensureInstalled() {
  ensure([[isInstalled, install]])
}

function ensure(steps) {
  requireNode()
  try {
    for (const [isDone, work] of steps) {
      if (isDone()) continue
      whileOthersWait(() => {
        if (!isDone()) work()
      })
    }
  } catch (error) {
    if (!(error instanceof Unready)) throw error
    say(error.message)
    process.exit(3)
  }
}

function isBuilt() {
  return read(join(dist, '.built-from')) === fingerprint()
}

function build() {
  say('building')
  const sources = fingerprint()
  const whole = `${dist}.${process.pid}.new`
  const last = `${dist}.${process.pid}.old`
  // A build that fails leaves the last one as it was.
  try {
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    run(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', whole])
    run(process.execPath, [join(whole, 'compute', 'runtimes', 'node', 'bundle.js')])
    writeFileSync(join(whole, '.built-from'), sources)
    if (existsSync(dist)) renameSync(dist, last)
    renameSync(whole, dist)
  } finally {
    for (const path of [whole, last]) rmSync(path, { recursive: true, force: true })
  }
}

function isInstalled() {
  return read(join(root, 'node_modules', '.installed-from')) === lockFileHash()
}

function install() {
  say('installing packages (npm ci)')
  const wanted = lockFileHash()
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  if (npm?.endsWith('.js')) run(process.execPath, [npm, ...args])
  else run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args)
  writeFileSync(join(root, 'node_modules', '.installed-from'), wanted)
}

function lockFileHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}

/** The lock is a file that names its holder; that of a holder that is gone is taken away. */
function whileOthersWait(work) {
  const mine = `${lock}.${process.pid}`
  writeFileSync(mine, String(process.pid))
  try {
    while (!take(mine)) {
      const holder = read(lock)
      if (holder !== undefined && !isRunning(Number(holder))) rmSync(lock, { force: true })
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MS)
    }
    sweepAbandoned()
    work()
  } finally {
    if (read(lock) === String(process.pid)) rmSync(lock, { force: true })
    rmSync(mine, { force: true })
  }
}

/** What processes that were interrupted left behind. */
function sweepAbandoned() {
  for (const name of readdirSync(root)) {
    const pid = /^(?:dist|\.bootstrap-lock)\.(\d+)/.exec(name)?.[1]
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(root, name), { recursive: true, force: true })
  }
}

/** A link appears with its content at once, and only where there is none. */
function take(mine) {
  try {
    linkSync(mine, lock)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
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
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function run(command, args) {
  // The child's own output is progress, and stdout belongs to the command that follows.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (error) throw new Unready(`${command} could not be started: ${error.message}`)
  if (status !== 0) throw new Unready(`${command} ${args.join(' ')} failed`)
}

/** What the person has to see to before anything can run. */
class Unready extends Error {}

function say(text) {
  process.stderr.write(`isthmus: ${text}\n`)
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--no-build')) ensureInstalled()
  else ensureBuilt()
}
