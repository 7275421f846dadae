// Servers: what scripts/test-frameworks.mjs proves of back ends. `answers` starts the server and asks its webhook.
import { fileURLToPath } from 'node:url'
import { build, npx } from './make.mjs'

const answersAt = (path, ...command) => [
  process.execPath,
  fileURLToPath(new URL('check-webhook.mjs', import.meta.url)),
  path,
  ...command,
]
const answers = (...command) => answersAt('/api/vapi/webhook', ...command)
const PYTHON = '/usr/bin/python3'

export const servers = [
  {
    id: 'express-js',
    framework: 'express',
    make: name => [npx('express-generator@4', '--no-view', name)],
    proof: [answers('node', 'bin/www')],
  },
  {
    id: 'express-ts',
    framework: 'express',
    set: 'small',
    copy: 'express',
    proof: [build, answers('node', 'dist/index.js')],
  },
  { id: 'koa-ts', framework: 'koa', copy: 'koa', proof: [build, answers('node', 'dist/index.js')] },
  {
    id: 'koa-js',
    framework: 'koa',
    files: {
      'package.json': JSON.stringify({
        name: 'koa-js',
        private: true,
        main: 'app.js',
        dependencies: { koa: '^3.0.0', 'koa-bodyparser': '^4.4.0' },
      }),
      'app.js': `const Koa = require('koa');
const bodyParser = require('koa-bodyparser');

const app = new Koa();
app.use(bodyParser());

app.listen(process.env.PORT || 3000);
`,
    },
    proof: [answers('node', 'app.js')],
  },
  {
    id: 'fastify-ts',
    framework: 'fastify',
    set: 'small',
    make: name => [npx('fastify-cli@8', 'generate', name, '--lang=ts')],
    // Its own build fails under TypeScript 6.
    proof: [
      ['npx', 'tsc', '--rootDir', '.', '--outDir', 'dist'],
      answers('npx', 'fastify', 'start', 'dist/src/app.js'),
    ],
  },
  {
    id: 'fastify-js',
    framework: 'fastify',
    make: name => [npx('fastify-cli@8', 'generate', name)],
    proof: [answers('npx', 'fastify', 'start', 'app.js')],
  },
  {
    id: 'fastify-plain',
    framework: 'fastify',
    copy: 'fastify',
    proof: [build, answers('node', 'dist/index.js')],
  },
  {
    id: 'nestjs-12',
    framework: 'nestjs',
    set: 'small',
    make: name => [
      [
        ...npx('@nestjs/cli@12', 'new', name, '--package-manager', 'npm'),
        ...['--skip-git', '--skip-install', '--strict'],
      ],
    ],
    proof: [build, answers('node', 'dist/main.js')],
  },
  {
    id: 'hono-node',
    framework: 'hono',
    set: 'small',
    copy: 'hono',
    proof: [build, answers('node', 'dist/index.js')],
  },
  {
    id: 'node-ts',
    framework: 'node',
    copy: 'node',
    proof: [build, answers('node', 'dist/vapi/vapi-server.js')],
  },
  {
    id: 'fastapi',
    framework: 'fastapi',
    copy: 'fastapi',
    install: [],
    // The example's import is not in Debian: it is compiled, and the application run.
    proof: [
      [PYTHON, '-m', 'compileall', '-q', '.'],
      answers(PYTHON, '-m', 'uvicorn', 'main:app', '--port', '$PORT'),
    ],
  },
  {
    id: 'flask',
    framework: 'flask',
    copy: 'flask',
    install: [],
    proof: [
      [PYTHON, '-m', 'compileall', '-q', '.'],
      answers(PYTHON, '-m', 'flask', 'run', '--port', '$PORT'),
    ],
  },
  {
    id: 'django',
    framework: 'django',
    make: name => [
      ['mkdir', name],
      ['django-admin', 'startproject', 'demo', name],
    ],
    install: [],
    proof: [
      [PYTHON, 'manage.py', 'check'],
      [PYTHON, '-m', 'compileall', '-q', '.'],
      answers(PYTHON, 'manage.py', 'runserver', '--noreload', '$PORT'),
    ],
  },
  {
    id: 'python',
    framework: 'python',
    copy: 'python',
    install: [],
    proof: [[PYTHON, '-m', 'compileall', '-q', '.'], answers(PYTHON, '-m', 'vapi_webhook.server')],
  },
  {
    id: 'sinatra',
    framework: 'sinatra',
    copy: 'sinatra',
    // The SDK is not in Debian, and Bundler cannot fetch it: the example is only read.
    files: {
      Gemfile: "source 'https://rubygems.org'\n\ngem 'sinatra'\ngem 'vapi_server_sdk', require: 'vapi'\n",
    },
    install: [],
    proof: [
      ['ruby', '-c', 'vapi_example.rb'],
      answers('ruby', 'app.rb', '-s', 'webrick', '-o', 'localhost', '-p', '$PORT'),
    ],
  },
  {
    id: 'php',
    framework: 'php',
    copy: 'php',
    files: {
      'composer.json': JSON.stringify({
        require: { php: '>=8.1', 'vapi/vapi': '^2.0', 'guzzlehttp/guzzle': '^7.9' },
      }),
    },
    install: [],
    proof: [
      ['php', '-l', 'vapi_example.php'],
      answersAt('/vapi/webhook.php', 'php', '-S', 'localhost:$PORT', '-t', 'public'),
    ],
  },
]
