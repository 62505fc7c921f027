/** Hides from a function where this machine differs from Lambda's: it has no entry for the function's user, and its Node.js may be older. */
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'

const USER_NAME = 'sbx_user1051'
const HOME_DIRECTORY = '/home/sbx_user1051'

export function hideHostDifferences(): void {
  nameUser()
  keepSdkQuiet()
  // On Lambda the program in which everything begins is an ES module, and no module is the main one.
  delete process.mainModule
}

/**
 * Lambda's user has an entry in the password file and ours has none, so Node.js could not tell its home directory, which the AWS SDK asks
 * for.
 */
function nameUser(): void {
  const { homedir, userInfo } = os
  os.homedir = () => process.env['HOME'] ?? orElse(homedir, HOME_DIRECTORY)
  const unknown = (): os.UserInfo<string> => ({
    username: USER_NAME,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    shell: null,
    homedir: HOME_DIRECTORY,
  })
  os.userInfo = ((options: os.UserInfoOptions = {}) => {
    try {
      return userInfo(options)
    } catch {
      return unknown()
    }
  }) as typeof os.userInfo
  syncBuiltinESMExports()
}

/** The SDK warns of the host's Node.js where the function's runtime is a current one. */
function keepSdkQuiet(): void {
  const emitWarning = process.emitWarning.bind(process) as (...args: readonly unknown[]) => void
  process.emitWarning = (warning: string | Error, ...rest: readonly unknown[]) => {
    if (typeof warning === 'string' && warning.startsWith('NodeVersionSupportWarning: The AWS SDK')) return
    emitWarning(warning, ...rest)
  }
}

function orElse(read: () => string, fallback: string): string {
  try {
    return read()
  } catch {
    return fallback
  }
}
