import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono();

app.get('/', context => context.text('A project of its own.'));

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, address => {
  console.log('listening', address);
});
