import Koa from 'koa';

const application = new Koa();

application.use(async context => {
  context.body = 'A project of its own.';
});

const server = application.listen(Number(process.env.PORT ?? 3000), () => {
  console.log('listening', server.address());
});
