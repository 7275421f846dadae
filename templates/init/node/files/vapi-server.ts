// A server for the webhook alone. One that is there already calls handleVapi in the same way.
import { createServer } from 'node:http';
import { handleVapi } from './vapi-handler.js';

const server = createServer(async (request, response) => {
  try {
    if (!(await handleVapi(request, response))) response.writeHead(404).end();
  } catch (problem) {
    console.error(problem);
    response.writeHead(500).end();
  }
});

server.listen(Number(process.env.PORT ?? 3000), () => {
  console.log('Vapi webhook: /api/vapi/webhook at', server.address());
});
