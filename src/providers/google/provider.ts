import type { ModelProvider } from '../models/types.ts'
import { createGoogleModel } from './model.ts'
import { GOOGLE } from './vendor.ts'

export const google: ModelProvider = {
  id: 'google',
  vendor: GOOGLE,
  proof: { by: 'client-library', name: '@google/genai' },
  typicalMs: null,
  create: ({ access, http, model, settings: { temperature, maxTokens } }) =>
    createGoogleModel({ ...access, http, model, settings: { temperature, maxTokens } }),
}
