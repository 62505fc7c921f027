/** Tags of functions, and of what is none. */
import { ListTagsCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-lambda'

import { ARN } from '../world.ts'
import type { Cases } from './case.ts'

/** What all three operations say of a resource. */
const all = (Resource: string) => [
  new ListTagsCommand({ Resource }),
  new TagResourceCommand({ Resource, Tags: { key: 'value' } }),
  new UntagResourceCommand({ Resource, TagKeys: ['key'] }),
]
const arnOf = (resource: string) => `arn:aws:lambda:us-east-1:444455556666:${resource}`
const named = (name: string) => ({ '<resource-name>': name })

const MAPPING = '27c1f1b2-8a3e-4f53-9d1c-0c6f0f9f6a11'

export const tags: Cases = {
  'tag-nothing': { calls: [new TagResourceCommand({ Resource: ARN('fn'), Tags: {} })] },
  'untag-without-keys': { calls: [new UntagResourceCommand({ Resource: ARN('fn'), TagKeys: [] })] },
  'too-many-tags': { calls: [new TagResourceCommand({ Resource: ARN('fn'), Tags: tagsOf(51) })] },
  'tags-on-qualifier': { calls: [...all(ARN('fn', '1')), ...all(ARN('fn', '$LATEST')), ...all(ARN('fn', 'custom'))] },
  'tags-no-function': { values: named('nobody'), calls: all(ARN('nobody')) },
  'tags-no-mapping': { values: named(MAPPING), calls: all(arnOf(`event-source-mapping:${MAPPING}`)) },
  'tags-no-capacity-provider': { values: named('none'), calls: all(arnOf('capacity-provider:none')) },
  'tags-mapping-malformed': { values: named(MAPPING), calls: all(arnOf(`event-source-mapping:${MAPPING}:alias`)) },
  'tags-capacity-provider-malformed': { values: named('none'), calls: all(arnOf('capacity-provider:none:alias')) },
  'tags-unknown-kind': { values: named('fn'), calls: all(arnOf('foobar:fn')) },
  'tags-no-lambda-arn': { calls: all('arn:aws:something') },
}

function tagsOf(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))
}
