import { type Input, inputRank } from '../engine/inputs.ts'

/** Inputs in the order in which the engine takes them: time, then class, then arrival. */
export class InputQueue {
  private readonly items: Input[] = []

  push(input: Input): void {
    let place = this.items.length
    while (place > 0 && comesBefore(input, this.items[place - 1])) place--
    this.items.splice(place, 0, input)
  }

  peek(): Input | undefined {
    return this.items[0]
  }

  take(): Input | undefined {
    return this.items.shift()
  }
}

function comesBefore(first: Input, second: Input): boolean {
  if (first.atMs !== second.atMs) return first.atMs < second.atMs
  return inputRank(first.type) < inputRank(second.type)
}
