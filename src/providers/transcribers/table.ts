/** The transcribers that a call reaches over the network. One row is one provider. */
import { deepgram } from './deepgram.ts'
import type { TranscriberProvider } from './types.ts'

export const TRANSCRIBERS: readonly TranscriberProvider[] = [deepgram]
