/** What a plan says of a function in words, and how much a person should mind. */
import { formatDuration } from '../load/duration.ts'
import { number } from './limits/concurrency.ts'
import type { FunctionPlan, PlannedTime } from './plan-data.ts'

export interface FunctionText {
  readonly text: string
  readonly tone: 'quiet' | 'plain' | 'notable' | 'bad'
}

export function functionTexts(fn: FunctionPlan): readonly FunctionText[] {
  const { ramp, queue } = fn
  const figures = [
    `${number(fn.arrived)} arrive, ${number(fn.served)} served, ${number(fn.throttled)} throttled`,
    ...(fn.unconnected > 0 ? [`${number(fn.unconnected)} refused for want of a connection to the VPC`] : []),
    `${number(fn.coldStarts)} cold starts`,
    `at most ${number(fn.concurrencyPeak)} at once of ${number(fn.concurrencyNeeded)} needed`,
  ]
  const texts: FunctionText[] = [
    { text: `${timeText('takes', fn.duration)}, ${timeText('starts in', fn.init)}, ${fn.memoryMb} MB`, tone: 'quiet' },
    { text: figures.join(', '), tone: fn.throttled + fn.unconnected > 0 ? 'bad' : 'plain' },
  ]
  if (ramp) {
    const { fromSecond, untilSecond, throttled } = ramp
    const text = `grows too slowly from second ${fromSecond} to ${untilSecond}: ${number(throttled)} are throttled meanwhile`
    texts.push({ text, tone: 'bad' })
  }
  if (queue && queue.longest > 0) {
    const { longest, oldestSeconds, expired, emptyAtSecond } = queue
    const lost = expired > 0 ? `, ${number(expired)} are given up` : ''
    const text = `at most ${number(longest)} events wait, the oldest ${formatDuration(oldestSeconds * 1000)}, the last until second ${emptyAtSecond}${lost}`
    texts.push({ text, tone: expired > 0 ? 'bad' : 'notable' })
  }
  return texts
}

/** The 99th percentile is said where it is so much above the mean. */
const NOTABLE_TAIL = 1.1

function timeText(verb: string, { meanMs, p99Ms, source }: PlannedTime): string {
  const tail = p99Ms > meanMs * NOTABLE_TAIL ? ` (p99 ${formatDuration(p99Ms)})` : ''
  return `${verb} ${formatDuration(meanMs)}${tail} (${source})`
}
