/** The voices that a call reaches over the network. One row is one provider. */
import { azure, microsoft } from './azure.ts'
import { cartesia } from './cartesia.ts'
import { deepgram } from './deepgram.ts'
import { elevenLabs } from './elevenlabs.ts'
import { hume } from './hume.ts'
import { inworld } from './inworld.ts'
import { lmnt } from './lmnt.ts'
import { minimax } from './minimax.ts'
import { neuphonic } from './neuphonic.ts'
import { openai } from './openai.ts'
import { playht } from './playht.ts'
import { rime } from './rime-ai.ts'
import { smallest } from './smallest-ai.ts'
import type { VoiceProvider } from './types.ts'
import { xai } from './xai.ts'

export const VOICES: readonly VoiceProvider[] = [
  openai,
  elevenLabs,
  cartesia,
  deepgram,
  azure,
  microsoft,
  playht,
  rime,
  lmnt,
  hume,
  neuphonic,
  inworld,
  minimax,
  smallest,
  xai,
]
