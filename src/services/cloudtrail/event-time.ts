/** Times as CloudTrail writes them: `2026-01-12T15:37:12Z`. */
import { isoTime } from '../../core/clock.ts'

export function eventTime(epochMs: number): string {
  return `${isoTime(epochMs).slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`
}
