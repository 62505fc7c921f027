/** A grant as files of the tools that people deploy with. */
import { cdkFiles } from './cdk.ts'
import { cliFiles } from './cli-commands.ts'
import { cloudFormationFiles } from './cloudformation.ts'
import type { Grant } from './grant.ts'
import { terraformFiles } from './terraform.ts'

export const FORMATS = ['cli', 'cloudformation', 'terraform', 'cdk'] as const
export type Format = (typeof FORMATS)[number]

export interface GrantFile {
  readonly name: string
  /** Whose file it is; absent for one that spans both accounts. */
  readonly account?: string
  readonly content: string
}

/** Account id → AWS profile, where one is known. */
export type Profiles = ReadonlyMap<string, string>

export function filesOf(grant: Grant, format: Format, profiles: Profiles): readonly GrantFile[] {
  switch (format) {
    case 'cli':
      return cliFiles(grant, profiles)
    case 'cloudformation':
      return cloudFormationFiles(grant)
    case 'terraform':
      return terraformFiles(grant, profiles)
    case 'cdk':
      return cdkFiles(grant)
  }
}
