/** Values of the environment that everybody may see. */
export const vapiConfig = {
  publicKey: import.meta.env.VITE_VAPI_PUBLIC_KEY as string | undefined,
  assistantId: import.meta.env.VITE_VAPI_ASSISTANT_ID as string | undefined,
};
