/** This project's bundler knows no environment. Neither of these is a secret. */
export const vapiConfig = {
  /** The public key: dashboard.vapi.ai, API keys. Never the private one. */
  publicKey: '',
  assistantId: '',
};
