/** Live calls inside the test's own process: real clock, real signal worker, no sound card. */
import { readDocument } from '../../src/assistant/call-body.ts'
import { noAccount } from '../../src/assistant/sources.ts'
import { runLiveCall } from '../../src/call/live/live-call.ts'
import { type CallRequest, type CustomerChoice, prepareCall } from '../../src/call/live/prepare.ts'
import type { Observation, ObservationType } from '../../src/engine/observations.ts'
import { createHttpClient } from '../../src/net/http.ts'
import { createFliteEngine } from '../../src/providers/embedded/flite-engine.ts'
import { temporaryFolder } from './program.ts'

export interface LiveCallSeen {
  observations: Observation[]
  all<Type extends ObservationType>(type: Type): Extract<Observation, { type: Type }>[]
  warnings: string[]
}

/**
 * Runs an assistant whose model gives these replies. Without programs on the path a scripted caller's words come by the
 * script, timed by the sound.
 */
export async function callLive(
  assistant: object,
  customer: CustomerChoice,
  replies: readonly string[],
  more: Partial<CallRequest> = {},
  env: NodeJS.ProcessEnv = {},
): Promise<LiveCallSeen> {
  const document = {
    firstMessageMode: 'assistant-waits-for-user',
    voice: { provider: 'silent' },
    transcriber: { provider: 'local' },
    ...assistant,
  }
  const http = createHttpClient()
  const flite = createFliteEngine()
  const observations: Observation[] = []
  const { signal } = new AbortController()
  const workingDirectory = temporaryFolder()
  try {
    const call = await prepareCall(
      {
        speaker: { body: readDocument(document, 'test'), origin: { name: 'test' } },
        loadStored: noAccount,
        check: () => [],
        choices: { transcriber: null, model: null, voice: null, offline: false },
        variables: {},
        semantics: 'documentation',
        customer,
        output: { type: 'none' },
        headphones: false,
        denoiser: 'gtcrn',
        files: {},
        maximumDurationMs: 60_000,
        allowCode: false,
        warnings: [],
        clientMessages: null,
        prices: null,
        analyse: false,
        script: { replies: replies.map(reply => ({ reply })), tools: {} },
        ...more,
      },
      { http, flite, env: { HOME: workingDirectory, ...env }, workingDirectory, signal },
    )
    await runLiveCall(call, { observation: observation => observations.push(observation) }, signal)
  } finally {
    http.close()
    await flite.close()
  }
  const all: LiveCallSeen['all'] = type =>
    observations.filter((seen): seen is Extract<Observation, { type: typeof type }> => seen.type === type)
  return { observations, all, warnings: all('warning').map(({ message }) => message) }
}

/** A customer who types these lines, each when the one before was answered. */
export function typing(...lines: string[]): CustomerChoice {
  return {
    type: 'typed',
    takeTurns: true,
    lines: (async function* () {
      yield* lines
    })(),
  }
}
