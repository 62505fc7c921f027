/** The files that trails write: a line comes some time after its event, and the file with the first one. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { ACCOUNTS, type AccountName } from '../cloud.ts'
import { eventually } from '../lambda/support.ts'

/** The line of an account's file that contains a text, once it is there as a whole. `folder`: of the cloud's state. */
export function lineWith(folder: string, account: AccountName, text: string): Promise<string> {
  const file = join(folder, 'cloudtrail', `${ACCOUNTS[account]}.jsonl`)
  return eventually(async () => {
    const whole = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
    return whole.find((line) => line.includes(text))
  })
}
