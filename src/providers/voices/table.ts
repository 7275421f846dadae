/** The voices that a call reaches over the network. One row is one provider. */
import { openai } from './openai.ts'
import type { VoiceProvider } from './types.ts'

export const VOICES: readonly VoiceProvider[] = [openai]
