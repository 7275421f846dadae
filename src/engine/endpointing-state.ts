/** Where deciding on the end of the customer's turn stands. */
export interface EndpointingState {
  nextWork: number
  /** The rule match, prediction or request that is under way. */
  workId: string | null
  /** `judging`: the sound is judged again and again. `waiting`: the wait is known, or the transcriber reports its end. */
  stage: 'idle' | 'matching' | 'predicting' | 'judging' | 'waiting'
  /** When, in the sound, the transcriber found the turn over; null where it has not said so. */
  endOfTurnMs: number | null
  /** What the sound since the last speech was judged: the first judgement that was enough, else the latest. */
  judged: { finished: number; audioMs: number } | null
  /** The turn has typed words: there is no sound to judge. */
  typed: boolean
  warned: boolean
}

/** Before anything was said. */
export const initialEndpointing: EndpointingState = {
  nextWork: 0,
  workId: null,
  stage: 'idle',
  endOfTurnMs: null,
  judged: null,
  typed: false,
  warned: false,
}
