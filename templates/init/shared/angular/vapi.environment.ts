/** What the browser may see. Neither of these is a secret. */
export const vapiEnvironment = {
  /** The public key: dashboard.vapi.ai, API keys. Never the private one. */
  publicKey: '',
  assistantId: '',
};
