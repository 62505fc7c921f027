/**
 * Which lines of a function's own are kept; what its runtime logs by the language's means, the runtime filters itself.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
import type { FunctionImage } from '../compute.ts'

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const
/** Of a line that names no level. */
const UNNAMED = 'INFO'

export function lineFilterFor(image: FunctionImage): (line: string) => boolean {
  if (image.logFormat === 'Text') return () => true
  const lowest = LEVELS.indexOf(image.applicationLogLevel ?? 'INFO')
  return (line) => rankOf(line) >= lowest
}

function rankOf(line: string): number {
  const rank = LEVELS.findIndex((level) => level === namedLevel(line))
  return rank < 0 ? LEVELS.indexOf(UNNAMED) : rank
}

function namedLevel(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const parsed = JSON.parse(line) as { level?: unknown }
    return typeof parsed.level === 'string' ? parsed.level.toUpperCase() : undefined
  } catch {
    return undefined
  }
}
