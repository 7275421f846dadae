import express from 'express';
import { answerVapi } from './vapi-webhook.js';

/** Where Vapi sends its server messages. */
export const vapiRouter = express.Router();

// Reports of whole calls are larger than a body usually may be.
vapiRouter.post('/webhook', express.json({ limit: '10mb' }), (request, response, next) => {
  answerVapi(request.headers['x-vapi-secret'], request.body)
    .then(reply => response.status(reply.status).json(reply.body))
    .catch(next);
});
