/** What is to happen when: a queue in order of time. What is put at one moment comes out together, in the order it was put. */

export interface Agenda<Entry> {
  /** Infinity when there is nothing. */
  readonly nextMs: number
  readonly at: (atMs: number) => Entry[]
  /** Takes everything of the next moment. */
  readonly take: () => Entry[]
}

export function createAgenda<Entry>(): Agenda<Entry> {
  const moments = new Map<number, Entry[]>()
  /** A heap of the moments: the least is at 0, and none is less than the one at half its place. */
  const heap: number[] = []

  function push(atMs: number): void {
    let place = heap.length
    heap.push(atMs)
    while (place > 0) {
      const parent = (place - 1) >> 1
      const above = heap[parent] ?? 0
      if (above <= atMs) break
      heap[place] = above
      place = parent
    }
    heap[place] = atMs
  }

  function pop(): number {
    const least = heap[0] ?? Number.POSITIVE_INFINITY
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return least
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && (heap[child + 1] ?? 0) < (heap[child] ?? 0)) child++
      const below = heap[child] ?? 0
      if (below >= last) break
      heap[place] = below
      place = child
    }
    heap[place] = last
    return least
  }

  return {
    get nextMs() {
      return heap[0] ?? Number.POSITIVE_INFINITY
    },
    at(atMs) {
      let entries = moments.get(atMs)
      if (!entries) {
        moments.set(atMs, (entries = []))
        push(atMs)
      }
      return entries
    },
    take() {
      const atMs = pop()
      const entries = moments.get(atMs) ?? []
      moments.delete(atMs)
      return entries
    },
  }
}
