import Fastify from 'fastify';

const fastify = Fastify({
  logger: { level: 'warn' },
});

fastify.get('/', async () => ({ text: 'A project of its own.' }));

await fastify.listen({ port: Number(process.env.PORT ?? 3000) });
console.log('listening', fastify.server.address());
