/**
 * What a function sees as `/`: AWS's own layout, and of this machine only the folders in which interpreters and their libraries are. It is
 * a folder of mount points, made once; each sandbox mounts the same list over it in a namespace of its own.
 */
import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { quoted } from './control-shell.ts'
import type { Fitting } from './sandbox.ts'

export interface RootView {
  readonly folder: string
  /** Mounts all of it, in the mount and process namespaces of the sandbox; a table for `mount --all`. */
  readonly table: string
}

export interface RootViewOptions {
  readonly workDirectory: string
  /** The files of the Node.js and Python runtimes' programs. */
  readonly nodeProgram: string
  readonly pythonProgram: string
  /** The folder `node_modules` in which the AWS SDK is, and the scopes of it that a function may see, by their paths in it. */
  readonly packages: { readonly folder: string; readonly scopes: Readonly<Record<string, string>> }
  /** Undefined: the machine's own. */
  readonly resolvConf: string | undefined
}

/** Where a mounted interpreter is found: first on Lambda's PATH. */
export const LANGUAGE_FOLDER = '/var/lang'
export const NODE = `${LANGUAGE_FOLDER}/bin/node`
export const NODE_PROGRAM = '/var/runtime/node-client.cjs'
export const PYTHON_PROGRAM = '/var/runtime/python-client.py'
/** Where that program looks for the AWS SDK, besides the interpreter's own folders. */
export const PYTHON_PACKAGES = '/var/runtime/python-packages'
export const TASK = '/var/task'
export const LAYERS = '/opt'

/** Folders with programs and libraries; most systems have all but the first as links into it. */
const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store']
/** What programs read there whatever they do: how the loader finds libraries, links between programs, certificates. */
const SYSTEM_SETTINGS = [
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/alternatives',
  '/etc/ssl',
  '/etc/pki',
  '/etc/ca-certificates',
]
/** Lambda's sandbox has no /dev/shm either. */
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom']
const DEVICE_LINKS = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
}
/** Parts of /proc that speak of the machine or change it, read-only or empty whoever owns the process. */
const PROC_READ_ONLY = ['sys', 'sysrq-trigger', 'irq', 'bus', 'fs', 'acpi']
const PROC_HIDDEN = ['kcore', 'keys', 'timer_list', 'kmsg', 'kallsyms']

const READ_ONLY = 'rbind,ro,nosuid,nodev'
const EPHEMERAL_STORAGE_MB = 512

const FOLDERS = ['dev', 'etc', 'proc', 'tmp', LAYERS, TASK, '/var/lang/bin', PYTHON_PACKAGES]
const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nsbx_user1051:x:993:990::/home/sbx_user1051:/sbin/nologin\n',
  'etc/group': 'root:x:0:\nsbx_user1051:x:990:\n',
  'etc/hosts': '127.0.0.1 localhost\n127.0.0.1 sandbox.localdomain sandbox\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
}

export async function createRootView(options: RootViewOptions): Promise<RootView> {
  const folder = join(options.workDirectory, 'root')
  const lines: string[] = []
  const line = (source: string, target: string, type: string, flags: string) =>
    void lines.push(`${[escaped(source), escaped(target), type, flags].join(' ')} 0 0`)
  const inside = (path: string) => join(folder, path)
  /** A place to mount on, of the source's kind. */
  const show = async (source: string, target: string, flags = READ_ONLY) => {
    if (lstatSync(source).isDirectory()) await mkdir(inside(target), { recursive: true })
    else {
      await mkdir(dirname(inside(target)), { recursive: true })
      await writeFile(inside(target), '')
    }
    line(source, inside(target), 'none', flags)
  }

  for (const name of FOLDERS) await mkdir(inside(name), { recursive: true })
  line(folder, folder, 'none', 'bind,ro,nosuid,nodev')
  for (const path of SYSTEM_FOLDERS) {
    if (!existsSync(path)) continue
    if (lstatSync(path).isSymbolicLink()) await symlink(readlinkSync(path), inside(path))
    else await show(path, path)
  }
  for (const path of SYSTEM_SETTINGS) if (existsSync(path)) await show(path, path)
  for (const [path, text] of Object.entries(FILES)) await writeFile(inside(path), text)
  if (options.resolvConf !== undefined) await writeFile(inside('etc/resolv.conf'), options.resolvConf)
  else if (existsSync('/etc/resolv.conf')) await show('/etc/resolv.conf', '/etc/resolv.conf')
  for (const name of DEVICES) await show(`/dev/${name}`, `/dev/${name}`, 'bind')
  for (const [name, target] of Object.entries(DEVICE_LINKS)) await symlink(target, inside(`dev/${name}`))
  await cp(options.nodeProgram, inside(NODE_PROGRAM))
  await cp(options.pythonProgram, inside(PYTHON_PROGRAM))
  await show(process.execPath, NODE)
  await showPackages(options.packages, inside, show)
  line('proc', inside('proc'), 'proc', 'nosuid,nodev,noexec')
  const procFiles = new Set(readdirSync('/proc'))
  for (const name of PROC_READ_ONLY.filter((it) => procFiles.has(it))) {
    line(inside(`proc/${name}`), inside(`proc/${name}`), 'none', `${READ_ONLY},noexec`)
  }
  for (const name of PROC_HIDDEN.filter((it) => procFiles.has(it))) {
    line('/dev/null', inside(`proc/${name}`), 'none', 'bind')
  }
  line('tmpfs', inside('tmp'), 'tmpfs', temporaryStorage(EPHEMERAL_STORAGE_MB))
  const table = join(options.workDirectory, 'root.fstab')
  await writeFile(table, `${lines.join('\n')}\n`)
  return { folder, table }
}

/** `require` finds the SDK by NODE_PATH, as on AWS, and `import` by its way up from the task's folder. */
async function showPackages(
  { folder, scopes }: RootViewOptions['packages'],
  inside: (path: string) => string,
  show: (source: string, target: string) => Promise<void>,
): Promise<void> {
  const shown = '/var/runtime/packages/node_modules'
  await show(folder, shown)
  for (const parent of ['var/runtime/node_modules', 'var/node_modules']) {
    await mkdir(inside(parent), { recursive: true })
    for (const [scope, path] of Object.entries(scopes)) await symlink(join(shown, path), inside(join(parent, scope)))
  }
}

/** As fstab(5) wants it. */
function escaped(path: string): string {
  return path.replace(/[\\\s]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

/** The commands that give an empty `/tmp` another size than the usual. */
export function resizeTemporaryStorage(view: RootView, megabytes: number): readonly string[] {
  if (megabytes === EPHEMERAL_STORAGE_MB) return []
  const folder = quoted(join(view.folder, 'tmp'))
  return [`umount ${folder}`, `mount -t tmpfs -o ${temporaryStorage(megabytes)} tmpfs ${folder}`]
}

function temporaryStorage(megabytes: number): string {
  return `nosuid,nodev,mode=700,size=${megabytes}m`
}

/** The command that shows a file or folder in a running sandbox, read-only. */
export function showCommand(view: RootView, { source, target }: Fitting): string {
  const mount = (flags: string) => `mount -o ${flags} ${quoted(source)} ${quoted(join(view.folder, target))}`
  // Where the machine forbids to execute files of that folder, the kernel wants that said again.
  return `{ ${mount(READ_ONLY)} || ${mount(`${READ_ONLY},noexec`)}; }`
}
