import { answerVapi } from '../../utils/vapi-webhook';

/** Where Vapi sends its server messages. */
export default defineEventHandler(async event => {
  const body: unknown = await readBody(event).catch(() => null);
  const reply = await answerVapi(getHeader(event, 'x-vapi-secret'), body);
  setResponseStatus(event, reply.status);
  return reply.body;
});
