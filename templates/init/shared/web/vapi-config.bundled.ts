// The bundler puts the values of the environment here.
declare const process: { env: Record<string, string | undefined> };

export const vapiConfig = {
  publicKey: process.env.VAPI_PUBLIC_KEY,
  assistantId: process.env.VAPI_ASSISTANT_ID,
};
