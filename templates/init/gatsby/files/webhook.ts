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
  const reply = await answerVapi(request.headers['x-vapi-secret'], request.body);
  response.status(reply.status).json(reply.body);
}
