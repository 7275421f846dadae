/** Values of the environment that everybody may see. */
export const vapiConfig = {
  publicKey: process.env.NEXT_PUBLIC_VAPI_PUBLIC_KEY as string | undefined,
  assistantId: process.env.NEXT_PUBLIC_VAPI_ASSISTANT_ID as string | undefined,
};
