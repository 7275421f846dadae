/** What an end-of-turn model may look at. */
export interface EndOfTurnRequest {
  /** What the customer said in this turn so far. */
  text: string
  /** The assistant's last message, or empty. */
  assistantText: string
}

/** Judges whether the customer has finished the turn. */
export interface EndOfTurnModel {
  readonly name: string
  /** Probability from 0 (surely still speaking) to 1 (surely finished). LiveKit's `x` is 1 minus this. */
  finished(request: EndOfTurnRequest, signal: AbortSignal): Promise<number>
}
