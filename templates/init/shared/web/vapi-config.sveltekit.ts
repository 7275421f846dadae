import { env } from '$env/dynamic/public';

/** Values of the environment that the browser may see. */
export const vapiConfig = {
  publicKey: env.PUBLIC_VAPI_PUBLIC_KEY,
  assistantId: env.PUBLIC_VAPI_ASSISTANT_ID,
};
