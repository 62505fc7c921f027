/** All errors of Lambda that AWS was recorded to answer, each under a name of ours. */
import { invalidParametersRecordings } from './recordings/invalid-parameters.ts'
import { notFoundRecordings } from './recordings/not-found.ts'
import { othersRecordings } from './recordings/others.ts'
import { validationRecordings } from './recordings/validation.ts'

export const recordings = {
  ...invalidParametersRecordings,
  ...validationRecordings,
  ...notFoundRecordings,
  ...othersRecordings,
}

export type RecordingName = keyof typeof recordings
