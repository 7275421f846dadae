/** Decisions of a random script, one number after the other; when they are used up, always the first. */
export class Choices {
  private readonly numbers: readonly number[]
  private place = 0

  constructor(numbers: readonly number[]) {
    this.numbers = numbers
  }

  get over(): boolean {
    return this.place >= this.numbers.length
  }

  /** A whole number from 0 to under `count`. */
  below(count: number): number {
    return (this.numbers[this.place++] ?? 0) % count
  }

  of<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('there is nothing to choose from')
    return item
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === times - 1
  }
}
