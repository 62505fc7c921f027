/** Looks at the machine: interpreters for the runtimes, the kernel's isolation, the tools that Isthmus uses where they are there. */
import { execFile } from 'node:child_process'
import { createServer } from 'node:net'

import { detect } from '../network/linux/detect.ts'

export interface Finding {
  readonly name: string
  /** `missing`: Isthmus works with less. `broken`: it does not work. */
  readonly status: 'ok' | 'missing' | 'broken'
  readonly detail: string
  readonly cost: string
  readonly remedy: string
}

/** A command line in Python takes a busy machine long to start. */
const PROBE_MS_MAX = 30_000
const DEFAULT_PORT = 4566
/** Debian keeps administrators' tools off an ordinary user's PATH. */
const SEARCH_PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`

export async function examineMachine(): Promise<readonly Finding[]> {
  return Promise.all([node(), python(), parentDeathSignal(), pidNamespace(), dataPlane(), port(), awsCli()])
}

async function node(): Promise<Finding> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const enough = major > 20 || (major === 20 && minor >= 19)
  return {
    name: 'Node.js 20.19 or later',
    status: enough ? 'ok' : 'broken',
    detail: `${process.version}, serves every nodejs runtime`,
    cost: 'Isthmus does not run',
    remedy: 'install a current Node.js from your system or https://nodejs.org',
  }
}

async function python(): Promise<Finding> {
  const version = await firstLine('python3', ['--version'])
  return {
    name: 'Python 3',
    status: version === undefined ? 'missing' : 'ok',
    detail: version === undefined ? 'no python3 on the PATH' : `${version}, serves every python runtime`,
    cost: 'functions of a python runtime cannot run',
    remedy: 'apt-get install python3, or name an interpreter under `runtimes:` in isthmus.yaml',
  }
}

async function parentDeathSignal(): Promise<Finding> {
  const works = (await firstLine('setpriv', ['--pdeathsig', 'KILL', 'echo', 'works'])) === 'works'
  return {
    name: 'setpriv (util-linux)',
    status: works ? 'ok' : 'missing',
    detail: works ? 'functions die with Isthmus' : 'not found, or without --pdeathsig',
    cost: 'a function in an endless loop outlives an Isthmus that is killed with SIGKILL',
    remedy: process.platform === 'linux' ? 'apt-get install util-linux' : 'run Isthmus on Linux',
  }
}

async function pidNamespace(): Promise<Finding> {
  const flags = process.getuid?.() === 0 ? ['--pid', '--fork'] : ['--user', '--map-root-user', '--pid', '--fork']
  const works = (await firstLine('unshare', [...flags, '--kill-child', 'echo', 'works'])) === 'works'
  return {
    name: 'PID namespaces',
    status: works ? 'ok' : 'missing',
    detail: works ? "a function's own children die with its environment" : 'the kernel or this container refuses them',
    cost: "processes that a function starts can outlive its environment, and functions see the host's processes",
    remedy:
      'allow unprivileged user namespaces (on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0; in Docker: --security-opt seccomp=unconfined)',
  }
}

async function dataPlane(): Promise<Finding> {
  const refusal = await detect(process.env['PATH'] ?? '')
  return {
    name: 'VPC data plane',
    status: refusal === undefined ? 'ok' : 'missing',
    detail: refusal === undefined ? 'real: functions run in network namespaces' : `modelled: ${refusal.message}`,
    cost: "functions run in the network of this machine: their calls to AWS are judged by their VPC's rules, nothing else they send is",
    remedy: refusal?.remedy ?? 'apt-get install iproute2 nftables util-linux perl-base',
  }
}

async function port(): Promise<Finding> {
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(DEFAULT_PORT, '127.0.0.1', () => server.close(() => resolve(true)))
  })
  return {
    name: `port ${DEFAULT_PORT}`,
    status: free ? 'ok' : 'missing',
    detail: free ? 'free' : 'in use, perhaps by a running isthmus',
    cost: '`isthmus up` cannot use its usual port',
    remedy: 'stop what listens there, or choose another one with --port',
  }
}

async function awsCli(): Promise<Finding> {
  const version = await firstLine('aws', ['--version'])
  return {
    name: 'AWS CLI',
    status: version === undefined ? 'missing' : 'ok',
    detail: version ?? 'no aws on the PATH',
    cost: 'nothing: Isthmus does not use it, but you may want it',
    remedy: 'apt-get install awscli, or https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html',
  }
}

/** Undefined when the program is not there or fails. */
function firstLine(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const environment = { ...process.env, PATH: SEARCH_PATH }
    execFile(command, args, { timeout: PROBE_MS_MAX, env: environment }, (error, stdout) => {
      resolve(error ? undefined : stdout.trim().split('\n')[0])
    })
  })
}
