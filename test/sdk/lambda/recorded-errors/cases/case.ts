/** A table of calls by the recorded errors they are answered with. */
import { createHash } from 'node:crypto'

import type { Case } from '../../../recorded-error.ts'
import { ECHO, zipOf } from '../../support.ts'
import type { RecordingName } from '../recordings.ts'

export type Cases = Readonly<Partial<Record<RecordingName, Case>>>

export const code = await zipOf({ 'index.js': ECHO })
export const codeSha256 = createHash('sha256').update(code).digest('base64')
