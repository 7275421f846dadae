/** Values of the environment that the browser may see. */
export const vapiConfig = {
  publicKey: import.meta.env.PUBLIC_VAPI_PUBLIC_KEY as string | undefined,
  assistantId: import.meta.env.PUBLIC_VAPI_ASSISTANT_ID as string | undefined,
};
