// Creates an assistant and has it call a telephone number. It needs in the environment:
//   VAPI_API_KEY          the private key (dashboard.vapi.ai, API keys)
//   VAPI_PHONE_NUMBER_ID  the number that calls (vapi phone list)
//   VAPI_CUSTOMER_NUMBER  the number that is called, like +15551234567
import { VapiClient } from '@vapi-ai/server-sdk';

async function main() {
  const vapi = new VapiClient({ token: needed('VAPI_API_KEY') });
  const assistant = await vapi.assistants.create({
    name: 'Reception',
    firstMessage: 'Hello, this is a call from your own program.',
    model: {
      provider: 'openai',
      model: 'gpt-4o-mini',
      messages: [{ role: 'system', content: 'You book appointments. Be brief.' }],
    },
    voice: { provider: 'vapi', voiceId: 'Elliot' },
  });
  console.log(`Assistant ${assistant.id}`);

  const call = await vapi.calls.create({
    assistantId: assistant.id,
    phoneNumberId: needed('VAPI_PHONE_NUMBER_ID'),
    customer: { number: needed('VAPI_CUSTOMER_NUMBER') },
  });
  console.log('id' in call ? `Call ${call.id}: vapi call watch ${call.id}` : call);
}

function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name} in the environment.`);
  return value;
}

main().catch(problem => {
  console.error(problem);
  process.exitCode = 1;
});
