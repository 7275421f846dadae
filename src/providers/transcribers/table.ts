/** The transcribers that a call reaches over the network. One row is one provider. */
import { assemblyAi } from './assembly-ai.ts'
import { azure } from './azure.ts'
import { cartesia } from './cartesia.ts'
import { customTranscriber } from './custom-transcriber.ts'
import { deepgram } from './deepgram.ts'
import { elevenLabs } from './eleven-labs.ts'
import { gladia } from './gladia.ts'
import { openai } from './openai.ts'
import { soniox } from './soniox.ts'
import { speechmatics } from './speechmatics.ts'
import type { TranscriberProvider } from './types.ts'
import { xai } from './xai.ts'

export const TRANSCRIBERS: readonly TranscriberProvider[] = [
  deepgram,
  assemblyAi,
  customTranscriber,
  openai,
  elevenLabs,
  gladia,
  speechmatics,
  soniox,
  cartesia,
  azure,
  xai,
]
