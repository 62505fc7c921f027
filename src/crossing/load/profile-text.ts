/** A load profile in words. */
import { formatDuration } from './duration.ts'
import { isOpen, type LoadProfile } from './profile.ts'

/** `ramping-arrival-rate: from 5/s, to 60/s at once, 60/s for 30 s` */
export function profileText(profile: LoadProfile): string {
  const { executor, start, stages, warmUpMs } = profile
  const unit = isOpen(profile) ? '/s' : ' users'
  const isConstant = executor === 'constant-arrival-rate' || executor === 'constant-vus'
  const parts = isConstant ? [] : [`from ${start}${unit}`]
  let level = start
  for (const { durationMs, target } of stages) {
    if (target === level) parts.push(`${target}${unit} for ${formatDuration(durationMs)}`)
    else parts.push(`to ${target}${unit} ${durationMs === 0 ? 'at once' : `within ${formatDuration(durationMs)}`}`)
    level = target
  }
  return `${executor}: ${parts.join(', ')}${warmUpMs > 0 ? `, after a warm-up of ${formatDuration(warmUpMs)}` : ''}`
}
