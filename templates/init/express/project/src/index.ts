import express from 'express';
import {
  createServer,
  type Server,
} from 'node:http';

const app = express();
app.use(express.json({ limit: '1kb' }));

app.get('/', (_request, response) => {
  response.send('A project of its own.');
});

const server: Server = createServer(app);
server.listen(Number(process.env.PORT ?? 3000), () => {
  console.log('listening', server.address());
});
