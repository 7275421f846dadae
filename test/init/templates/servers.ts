import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requires, requiresFiles } from '../../support/requires.ts'
import { requiresPackages, rewrite } from './written-project.ts'

/** A server that a template was written into, and how it is started so that it prints its port. */
export interface Server {
  name: string
  template: string
  /** Why it cannot be run here, or false. */
  missing: string | false
  prepare?: (root: string) => void
  command: readonly [string, ...string[]]
  /** What it prints when it listens; the first group is the port. */
  port: RegExp
  path?: string
  /** It answers every event of the platform here; the others share their code with one that does. */
  every?: boolean
  env?: NodeJS.ProcessEnv
}

const PYTHON = '/usr/bin/python3'
const PYTHON_PACKAGES = '/usr/lib/python3/dist-packages'
const NODE_PORT = /port: (\d+)/
const RUBY_PORT = /WEBrick::HTTPServer#start: pid=\d+ port=(\d+)/
const UNBUFFERED = { PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' }

/** A project in JavaScript with one file in its top folder, as the oldest tutorials have it. */
function inJavaScript(type: 'module' | 'commonjs', code: (text: string) => string) {
  return (root: string) => {
    rmSync(join(root, 'tsconfig.json'))
    renameSync(join(root, 'src/index.ts'), join(root, 'index.js'))
    rewrite(root, 'index.js', code)
    rewrite(root, 'package.json', text =>
      JSON.stringify({ ...JSON.parse(text), type, main: 'index.js', devDependencies: {}, scripts: {} }),
    )
  }
}

/** Why something of Ruby cannot be run here, or false. */
function requiresGems(...names: string[]): string | false {
  const folder = '/usr/share/rubygems-integration/all/specifications'
  const found = existsSync(folder) ? readdirSync(folder) : []
  const missing = names.filter(name => !found.some(file => file.startsWith(`${name}-`)))
  return requires('ruby') || requiresFiles(...missing.map(name => `${folder}/${name}`))
}

const asItIs = (text: string) => text
const instead = (code: string) => () => code
const nodeServer = (more: Omit<Server, 'missing' | 'command' | 'port'> & Partial<Server>): Server => ({
  missing: requiresPackages(more.template),
  command: [process.execPath, 'index.js'],
  port: NODE_PORT,
  ...more,
})

const listening = 'const server = app.listen(process.env.PORT, () => console.log(server.address()));\n'

const node: readonly Server[] = [
  nodeServer({
    name: 'Express, ES modules',
    template: 'express',
    every: true,
    prepare: inJavaScript(
      'module',
      instead(`import express from 'express';\n\nconst app = express();\n\n${listening}`),
    ),
  }),
  nodeServer({
    name: 'Express, CommonJS',
    template: 'express',
    prepare: inJavaScript(
      'commonjs',
      instead(`const express = require('express');\n\nconst app = express();\n\n${listening}`),
    ),
  }),
  ...(['module', 'commonjs'] as const).map(type =>
    nodeServer({
      name: `Node.js, ${type}`,
      template: 'node',
      missing: false,
      prepare: inJavaScript(type, asItIs),
      command: [process.execPath, 'vapi/vapi-server.js'],
    }),
  ),
  nodeServer({ name: 'Koa, ES modules', template: 'koa', prepare: inJavaScript('module', asItIs) }),
  nodeServer({
    name: 'Koa, CommonJS',
    template: 'koa',
    prepare: inJavaScript(
      'commonjs',
      instead(`const Koa = require('koa');\n\nconst app = new Koa();\n\n${listening}`),
    ),
  }),
  nodeServer({ name: 'Fastify, ES modules', template: 'fastify', prepare: inJavaScript('module', asItIs) }),
  nodeServer({
    name: 'Fastify, CommonJS',
    template: 'fastify',
    prepare: inJavaScript(
      'commonjs',
      instead(`const fastify = require('fastify')({
  logger: false,
});

fastify.listen({ port: process.env.PORT }).then(() => console.log(fastify.server.address()));
`),
    ),
  }),
  nodeServer({
    name: 'Hono, ES modules',
    template: 'hono',
    missing: requiresPackages('hono', '@hono/node-server'),
    prepare: inJavaScript('module', asItIs),
  }),
]

const python: readonly Server[] = [
  {
    name: 'FastAPI',
    template: 'fastapi',
    every: true,
    missing: requiresFiles(PYTHON, `${PYTHON_PACKAGES}/fastapi`, `${PYTHON_PACKAGES}/uvicorn`),
    command: [PYTHON, '-m', 'uvicorn', 'main:app', '--port', '0'],
    port: /Uvicorn running on http:\/\/127\.0\.0\.1:(\d+)/,
    env: UNBUFFERED,
  },
  {
    name: 'FastAPI, inside of a package',
    template: 'fastapi',
    missing: requiresFiles(PYTHON, `${PYTHON_PACKAGES}/fastapi`, `${PYTHON_PACKAGES}/uvicorn`),
    prepare(root) {
      mkdirSync(join(root, 'app'))
      renameSync(join(root, 'main.py'), join(root, 'app/main.py'))
      writeFileSync(join(root, 'app/__init__.py'), '')
    },
    command: [PYTHON, '-m', 'uvicorn', 'app.main:app', '--port', '0'],
    port: /Uvicorn running on http:\/\/127\.0\.0\.1:(\d+)/,
    env: UNBUFFERED,
  },
  {
    name: 'Flask, with a function that makes the application',
    template: 'flask',
    missing: requiresFiles(PYTHON, `${PYTHON_PACKAGES}/flask`),
    command: [PYTHON, '-m', 'flask', 'run', '--port', '0'],
    port: /Running on http:\/\/127\.0\.0\.1:(\d+)/,
    env: UNBUFFERED,
  },
  {
    name: 'Django',
    template: 'django',
    missing: requiresFiles(PYTHON, `${PYTHON_PACKAGES}/django`),
    command: [
      PYTHON,
      '-c',
      `from wsgiref.simple_server import make_server
from demo.wsgi import application
server = make_server("127.0.0.1", 0, application)
print("port", server.server_port)
server.serve_forever()`,
    ],
    port: /port (\d+)/,
    env: UNBUFFERED,
  },
  {
    name: 'Python',
    template: 'python',
    missing: requiresFiles(PYTHON),
    command: [PYTHON, '-m', 'vapi_webhook.server'],
    port: /http:\/\/127\.0\.0\.1:(\d+)/,
    env: UNBUFFERED,
  },
]

const others: readonly Server[] = [
  {
    name: 'PHP',
    template: 'php',
    every: true,
    missing: requires('php'),
    command: ['php', '-S', '127.0.0.1:0', '-t', 'public'],
    port: /http:\/\/127\.0\.0\.1:(\d+)\) started/,
    path: '/vapi/webhook.php',
  },
  {
    name: 'Laravel (with stand-ins)',
    template: 'laravel',
    missing: requires('php'),
    prepare: root => rewrite(root, 'server.php', instead(LARAVEL)),
    command: ['php', '-S', '127.0.0.1:0', 'server.php'],
    port: /http:\/\/127\.0\.0\.1:(\d+)\) started/,
  },
  {
    name: 'Sinatra, classic',
    template: 'sinatra',
    every: true,
    missing: requiresGems('sinatra', 'webrick'),
    command: ['ruby', 'app.rb', '-s', 'webrick', '-o', '127.0.0.1', '-p', '0'],
    port: RUBY_PORT,
  },
  {
    name: 'Sinatra, modular',
    template: 'sinatra',
    missing: requiresGems('sinatra', 'webrick'),
    prepare: root =>
      rewrite(
        root,
        'app.rb',
        instead(`require 'sinatra/base'

class Demo < Sinatra::Base
  get('/') { 'A project of its own.' }

  run! if app_file == $0
end
`),
      ),
    command: ['ruby', 'app.rb', '-s', 'webrick', '-o', '127.0.0.1', '-p', '0'],
    port: RUBY_PORT,
  },
  {
    name: 'Rails (its routes and controllers)',
    template: 'rails',
    missing: requiresGems('actionpack', 'webrick'),
    prepare: root => rewrite(root, 'server.rb', instead(RAILS)),
    command: ['ruby', 'server.rb'],
    port: RUBY_PORT,
  },
]

/** What Laravel does with the written files, of its classes and functions as much as they use. */
const LARAVEL = `<?php

namespace Illuminate\\Http {
    class Request
    {
        public function header(string $name): ?string
        {
            return $_SERVER['HTTP_' . strtoupper(strtr($name, '-', '_'))] ?? null;
        }

        public function getContent(): string
        {
            return file_get_contents('php://input');
        }
    }

    class JsonResponse
    {
        public function __construct(public array|object $data, public int $status)
        {
        }
    }
}

namespace Illuminate\\Support\\Facades {
    class Route
    {
        public static array $routes = [];

        public static function get(string $path, callable $action): void
        {
        }

        public static function post(string $path, string $controller): void
        {
            self::$routes[$path] = $controller;
        }
    }
}

namespace {
    function env(string $name): ?string
    {
        return getenv($name) === false ? null : getenv($name);
    }

    function config(string $path): mixed
    {
        $value = ['services' => require __DIR__ . '/config/services.php'];
        foreach (explode('.', $path) as $name) {
            $value = $value[$name];
        }
        return $value;
    }

    spl_autoload_register(function (string $class): void {
        require __DIR__ . '/' . strtr(lcfirst($class), '\\\\', '/') . '.php';
    });
    require __DIR__ . '/routes/web.php';
    $controller = \\Illuminate\\Support\\Facades\\Route::$routes[$_SERVER['REQUEST_URI']];
    $response = (new $controller())(new \\Illuminate\\Http\\Request());
    http_response_code($response->status);
    header('Content-Type: application/json');
    echo json_encode($response->data);
}
`

/** Rails without its generator, which Debian 12 cannot install: its loader, its router and its controllers. */
const RAILS = `require "active_support/all"
require "action_controller"
require "rack/handler/webrick"
require "zeitwerk"

ROUTES = ActionDispatch::Routing::RouteSet.new
module Rails
  def self.application = Struct.new(:routes).new(ROUTES)
end

loader = Zeitwerk::Loader.new
Dir["app/*"].each { |folder| loader.push_dir(folder) }
loader.setup
loader.eager_load
load "config/routes.rb"
Rack::Handler::WEBrick.run(ROUTES, Host: "127.0.0.1", Port: 0)
`

export const servers: readonly Server[] = [...node, ...python, ...others]
