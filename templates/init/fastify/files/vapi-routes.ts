import type { FastifyInstance } from 'fastify';
import { answerVapi } from './vapi-webhook.js';

/** Where Vapi sends its server messages. */
export default async function vapiRoutes(fastify: FastifyInstance): Promise<void> {
  // Reports of whole calls are larger than a body usually may be.
  fastify.post('/webhook', { bodyLimit: 10 * 1024 * 1024 }, async (request, reply) => {
    const { status, body } = await answerVapi(request.headers['x-vapi-secret'], request.body);
    return reply.code(status).send(body);
  });
}
