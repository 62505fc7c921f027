/** What a simulation has before it, on a grid of slices where arrivals come in slices, so that what ends together leaves together. */
import type { Ticket } from '../../../core/lambda-admission.ts'
import { createAgenda, type Agenda } from './agenda.ts'

export type Entry =
  | { readonly kind: 'leave'; readonly source: number; readonly ticket: Ticket; count: number }
  /** Of the queue that the source's events wait in. */
  | { readonly kind: 'read'; readonly source: number }
  | { readonly kind: 'users'; count: number }
  | { readonly kind: 'look' }

export interface Schedule extends Agenda<Entry> {
  /** When so much time has passed; never now. */
  later(nowMs: number, ms: number): number
}

/** `sliceMs` 0: everything at its very moment. */
export function createSchedule(sliceMs: number): Schedule {
  const agenda = createAgenda<Entry>()
  return {
    get nextMs() {
      return agenda.nextMs
    },
    at: agenda.at,
    take: agenda.take,
    later: (nowMs, ms) =>
      sliceMs === 0 ? nowMs + ms : (Math.round(nowMs / sliceMs) + Math.max(1, Math.round(ms / sliceMs))) * sliceMs,
  }
}
