import type { GatsbyFunctionConfig, GatsbyFunctionRequest, GatsbyFunctionResponse } from 'gatsby';
import { answerVapi } from '../../lib/vapi-webhook';

/** Reports of whole calls are larger than a body usually may be. */
export const config: GatsbyFunctionConfig = { bodyParser: { json: { limit: '10mb' } } };

/** Where Vapi sends its server messages. */
export default async function handler(request: GatsbyFunctionRequest, response: GatsbyFunctionResponse) {
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'POST').status(405).json({ error: 'Only POST is answered.' });
    return;
  }
  // Named one by one: Gatsby puts the values here when it builds.
  const reply = await answerVapi(request.headers['x-vapi-secret'], request.body, {
    VAPI_WEBHOOK_SECRET: process.env.VAPI_WEBHOOK_SECRET,
    VAPI_ASSISTANT_ID: process.env.VAPI_ASSISTANT_ID,
  });
  response.status(reply.status).json(reply.body);
}
