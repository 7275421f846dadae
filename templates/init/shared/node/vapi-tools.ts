export type ToolArguments = Record<string, unknown>;
export type Tool = (values: ToolArguments) => unknown;

/** What assistants may call, by the name of the tool. What a tool gives back is told to the assistant. */
export const tools: Record<string, Tool> = {
  // An example, to be replaced by your own.
  bookAppointment({ day, time }) {
    return `Booked for ${day} at ${time}.`;
  },
};

/** Who answers an inbound call whose number has no assistant of its own. Vapi waits 7.5 seconds for this. */
export function chooseAssistant(assistantId: string | undefined): Record<string, unknown> {
  if (assistantId) return { assistantId };
  return {
    assistant: {
      name: 'Reception',
      firstMessage: 'Hello, how can I help you?',
      model: {
        provider: 'openai',
        model: 'gpt-4o-mini',
        messages: [{ role: 'system', content: 'You book appointments. Be brief.' }],
      },
      voice: { provider: 'vapi', voiceId: 'Elliot' },
    },
  };
}
