/** Small numbers for long ids: interfaces, routing tables and marks have room for no more. */

export interface Numbering {
  /** The number of an id, the same every time as long as it is kept. */
  numberOf(id: string): number
  /** Frees the numbers of all other ids. */
  keepOnly(ids: Iterable<string>): void
}

/** `first` and `last`: inclusive. A freed number comes back only when the later ones have been used, so that its traces are gone by then. */
export function createNumbering(first: number, last: number): Numbering {
  const numbers = new Map<string, number>()
  const used = new Set<number>()
  let next = first

  const advance = () => {
    const number = next
    next = next === last ? first : next + 1
    return number
  }

  return {
    numberOf(id) {
      const known = numbers.get(id)
      if (known !== undefined) return known
      if (used.size > last - first) throw new Error(`there are more than ${last - first + 1} things to number`)
      let number = advance()
      while (used.has(number)) number = advance()
      numbers.set(id, number)
      used.add(number)
      return number
    },
    keepOnly(ids) {
      const kept = new Set(ids)
      for (const [id, number] of numbers) {
        if (kept.has(id)) continue
        numbers.delete(id)
        used.delete(number)
      }
    },
  }
}
