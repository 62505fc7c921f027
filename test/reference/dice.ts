/** Choices of a generator, drawn from fast-check's random source. */
import type { Random } from 'fast-check'

export class Dice {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /** 0 to `below` - 1. */
  number(below: number): number {
    return this.#random.nextInt(0, below - 1)
  }

  chance(percent: number): boolean {
    return this.number(100) < percent
  }

  of<T>(first: T, ...others: readonly T[]): T {
    return this.in([first, ...others])
  }

  in<T>(choices: readonly T[]): T {
    const choice = choices[this.number(choices.length)]
    if (choice === undefined) throw new Error('nothing to choose from')
    return choice
  }

  some<T>(choices: readonly T[], percent: number): readonly T[] {
    return choices.filter(() => this.chance(percent))
  }

  list<T>(minimum: number, maximum: number, make: () => T): readonly T[] {
    return Array.from({ length: minimum + this.number(maximum - minimum + 1) }, make)
  }
}
