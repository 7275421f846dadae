import { resolve } from 'node:path'
import type { CompiledAssistant } from '../../assistant/compile.ts'
import { isEnglish } from '../../assistant/language-names.ts'
import type { EndOfTurnModel } from '../../engine/ports/end-of-turn-model.ts'
import type { EndpointingServer } from '../../engine/ports/endpointing-server.ts'
import { VapiError } from '../../errors.ts'
import { createEndpointingServer } from '../../messages/endpointing-request.ts'
import type { HttpClient } from '../../net/http.ts'
import { createTextEndOfTurnModel } from '../../providers/end-of-turn/estimator.ts'
import type { MemberParts } from '../assistants.ts'
import { isLoopback } from './parts/choices.ts'

export interface TurnOptions {
  http: HttpClient
  /** The fields of messages to servers that describe the call at this moment. */
  envelope: () => Readonly<Record<string, unknown>>
  /** Only servers on this machine are asked. */
  offline: boolean
  /** A turn-detection model (ONNX) in place of the shipped estimator, from the working directory; or null. */
  modelFile: string | null
  workingDirectory: string
}

/** Who says when a turn of the customer is over, beside the engine's own rules. */
export interface TurnParts {
  of(compiled: CompiledAssistant): Pick<MemberParts, 'endOfTurn' | 'endpointing'>
  close(): void
}

/** Loads the user's model, if there is one. Throws VapiError where it cannot be used. */
export async function createTurnParts(options: TurnOptions): Promise<TurnParts> {
  const { modelFile, workingDirectory } = options
  const own = modelFile === null ? null : await loadTurnModel(resolve(workingDirectory, modelFile))
  const model: EndOfTurnModel = own ?? createTextEndOfTurnModel()
  return {
    of: ({ transcriber, endpointingServer: server }) => ({
      // What judges words knows English; for other languages the text heuristics decide.
      endOfTurn: isEnglish(transcriber.language) ? model : null,
      endpointing:
        server === null
          ? null
          : options.offline && !isLoopback(server.url)
            ? offlineServer(server.url)
            : createEndpointingServer(server, { ...options, now: () => Date.now() }),
    }),
    close: () => void own?.close(),
  }
}

async function loadTurnModel(path: string) {
  const { createOnnxEndOfTurnModel } = await import('../../providers/end-of-turn/onnx/model.ts')
  return createOnnxEndOfTurnModel(path)
}

function offlineServer(url: string): EndpointingServer {
  return {
    timeoutSeconds: async () => {
      const { origin } = new URL(url)
      throw new VapiError({
        code: 'offline',
        message: `offline: ${origin} is not on this machine and was not asked when the turn is over`,
      })
    },
  }
}
