/** Why a machine does not let us make namespaces, and what would mend it. */
import { existsSync, readFileSync } from 'node:fs'

export type RefusalCause =
  | 'not-linux'
  | 'tool-missing'
  | 'namespaces-limited'
  | 'apparmor'
  | 'seccomp'
  | 'namespaces-denied'
  | 'settings-read-only'
  | 'other'

export class FabricRefusal extends Error {
  override readonly name = 'FabricRefusal'
  readonly refusal: RefusalCause

  /** `message`: what the machine lacks, in one sentence. */
  constructor(refusal: RefusalCause, message: string, options?: ErrorOptions) {
    super(message, options)
    this.refusal = refusal
  }

  /** One sentence or command. */
  get remedy(): string {
    return REMEDIES[this.refusal]
  }
}

const REMEDIES: Readonly<Record<RefusalCause, string>> = {
  'not-linux': 'run Isthmus in a Linux virtual machine or container',
  'tool-missing': 'apt-get install iproute2 nftables util-linux perl-base',
  'namespaces-limited': 'sudo sysctl user.max_user_namespaces=10000 user.max_net_namespaces=10000',
  apparmor: 'sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0',
  seccomp: 'start the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined',
  'namespaces-denied': 'sudo sysctl kernel.unprivileged_userns_clone=1',
  'settings-read-only': 'start the container with --security-opt systempaths=unconfined, or with --privileged',
  other: 'run `isthmus doctor` on this machine and report what it prints',
}

const APPARMOR_SETTING = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns'

/** From what the programs of the system said. */
export function refusalOf(complaint: string, cause?: unknown): FabricRefusal {
  const options = cause === undefined ? undefined : { cause }
  const said = complaint.trim().split('\n')[0] ?? ''
  const refuse = (refusal: RefusalCause, message: string) => new FabricRefusal(refusal, message, options)
  if (/No space left on device/.test(complaint)) {
    return refuse('namespaces-limited', 'this machine allows no further namespaces (user.max_user_namespaces)')
  }
  if (/Read-only file system/.test(complaint)) {
    return refuse('settings-read-only', 'network settings are read-only here (/proc/sys), as in most containers')
  }
  if (/not found|No such file or directory.*(nft|ip|mount)/.test(complaint)) return refuse('tool-missing', said)
  if (/Operation not permitted|Permission denied/.test(complaint)) return denial(refuse)
  return refuse('other', `namespaces could not be made: ${said}`)
}

function denial(refuse: (refusal: RefusalCause, message: string) => FabricRefusal): FabricRefusal {
  // The setting itself may be readable by root alone.
  if (existsSync(APPARMOR_SETTING) && read(APPARMOR_SETTING) !== '0') {
    return refuse('apparmor', 'AppArmor forbids user namespaces (kernel.apparmor_restrict_unprivileged_userns)')
  }
  if (/^Seccomp:\s+2$/m.test(read('/proc/self/status'))) {
    return refuse('seccomp', 'the seccomp profile of this container forbids namespaces')
  }
  return refuse('namespaces-denied', 'this machine forbids user namespaces to ordinary users')
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}
