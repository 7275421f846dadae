import { env } from '$env/dynamic/public';

/** Values of the environment that everybody may see. */
export const vapiConfig = {
  publicKey: env.PUBLIC_VAPI_PUBLIC_KEY,
  assistantId: env.PUBLIC_VAPI_ASSISTANT_ID,
};
