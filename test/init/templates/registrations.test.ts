import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { requires, requiresFiles } from '../../support/requires.ts'
import { rewrite, writtenProject } from './written-project.ts'

/** A project with one of its files as given, and that file after `vapi init`. */
async function edited(template: string, path: string, content: string) {
  const written = await writtenProject(template, { prepare: root => rewrite(root, path, () => content) })
  return { ...written, after: written.text(path) }
}

describe('servers of Node', () => {
  it('get their line under the name that the application has, before what reads bodies', async () => {
    const { text, report } = await writtenProject('koa')
    expect(text('src/index.ts')).toContain(
      "import Koa from 'koa';\nimport { vapiWebhook } from './vapi/vapi.js';\n\nconst application = new Koa();\napplication.use(vapiWebhook);\n",
    )
    expect(report.installs).toMatchObject([{ command: ['npm', 'install', '@vapi-ai/server-sdk'] }])
  })

  it('of Fastify get it behind options of several lines', async () => {
    const { text } = await writtenProject('fastify')
    expect(text('src/index.ts')).toContain(
      "  logger: { level: 'warn' },\n});\nfastify.register(vapiRoutes, { prefix: '/api/vapi' });\n",
    )
  })

  it('of Fastify’s generator get a file in the folder that is loaded, and no line', async () => {
    const { text, report } = await writtenProject('fastify', {
      prepare(root) {
        rewrite(root, 'package.json', json =>
          json.replace('"fastify":', '"@fastify/autoload": "^6.3.0", "fastify":'),
        )
        renameSync(join(root, 'src/index.ts'), join(root, 'src/app.ts'))
        mkdirSync(join(root, 'src/routes'))
        writeFileSync(join(root, 'src/routes/root.ts'), 'export default async function root() {}\n')
        rewrite(
          root,
          'src/app.ts',
          () => "import AutoLoad from '@fastify/autoload';\n\nexport const app = AutoLoad;\n",
        )
      },
    })
    expect(report.byHand).toEqual([])
    expect(report.files.filter(({ action }) => action === 'edit')).toEqual([])
    expect(text('src/routes/api/vapi/index.ts')).toBe(
      "export { default } from '../../../vapi/vapi-routes.js';\n",
    )
  })

  it('of Hono get none inside of a chain, but are told', async () => {
    const chain =
      "import { Hono } from 'hono';\n\nconst app = new Hono()\n  .get('/', context => context.text('x'));\n\nexport default app;\n"
    const { after, report } = await edited('hono', 'src/index.ts', chain)
    expect(after).not.toContain('app.route')
    expect(report.byHand).toMatchObject([{ text: "app.route('/api/vapi', vapi);" }])
  })

  it('of Hono in a Worker are told what the webhook needs there', async () => {
    const { report } = await writtenProject('hono', {
      prepare: root => writeFileSync(join(root, 'wrangler.toml'), 'main = "src/index.ts"\n'),
    })
    expect(report.variant).toBe('workers')
    expect(report.warnings.join('\n')).toContain('nodejs_compat')
  })

  it('that make none start one for the webhook alone', async () => {
    const { report } = await writtenProject('node')
    expect(report.files.filter(({ action }) => action === 'edit')).toEqual([])
    expect(report.next).toContain('npx tsx --env-file=.env src/vapi/vapi-server.ts')
  })
})

describe('the module of a NestJS application', () => {
  const head = "import { Module } from '@nestjs/common';\n"
  const written = `${head}import { VapiModule } from './vapi/vapi.module.js';\n`

  it.each([
    ['imports nothing', '@Module({\n  imports: [],\n})', '@Module({\n  imports: [VapiModule],\n})'],
    [
      'imports others',
      '@Module({ imports: [A, B], providers: [] })',
      '@Module({ imports: [VapiModule, A, B], providers: [] })',
    ],
    [
      'has no imports',
      '@Module({\n  providers: [],\n})',
      '@Module({\n  imports: [VapiModule],\n  providers: [],\n})',
    ],
  ])('takes the module of the webhook where it %s', async (_name, before, after) => {
    const rest = '\nexport class AppModule {}\n'
    const found = await edited('nestjs', 'src/app.module.ts', `${head}\n${before}${rest}`)
    expect(found.after).toBe(`${written}\n${after}${rest}`)
    expect(found.report.byHand).toEqual([])
  })

  it('lets large reports in, where Express is below', async () => {
    const { text } = await writtenProject('nestjs')
    expect(text('src/main.ts')).toContain(
      "  const app = await NestFactory.create<NestExpressApplication>(AppModule);\n  app.useBodyParser('json', { limit: '10mb' });\n",
    )
    const fastify = `import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, new FastifyAdapter());
await app.listen(3000);
`
    expect((await edited('nestjs', 'src/main.ts', fastify)).after).toBe(fastify)
  })
})

describe('the addresses of a Django project', () => {
  const route = '    path("api/vapi/", include("vapi_webhook.urls")),\n'

  it.each([
    ['from django.urls import path\n', 'from django.urls import include, path\n'],
    ['from django.urls import include, path\n', 'from django.urls import include, path\n'],
    [
      'from django.urls import (\n    include,\n    path,\n)\n',
      'from django.urls import (\n    include,\n    path,\n)\n',
    ],
    [
      'from django.urls import re_path\n',
      'from django.urls import re_path\nfrom django.urls import include, path\n',
    ],
  ])('take the webhook first, with the imports %j', async (before, after) => {
    const patterns = '\nurlpatterns = [\n'
    const found = await edited('django', 'demo/urls.py', `${before}${patterns}]\n`)
    expect(found.after).toBe(`${after}${patterns}${route}]\n`)
    expect(found.report.byHand).toEqual([])
  })
})

describe('a Flask application', () => {
  it('takes the blueprint inside of the function that makes it', async () => {
    const { text } = await writtenProject('flask')
    expect(text('app.py')).toContain(
      'from flask import Flask\nfrom vapi_webhook.webhook import vapi_blueprint\n',
    )
    expect(text('app.py')).toContain(
      '        static_url_path="/static",\n    )\n    app.register_blueprint(vapi_blueprint)\n',
    )
  })

  it('imports it by the name of its package', async () => {
    const { text } = await writtenProject('flask', {
      prepare(root) {
        mkdirSync(join(root, 'shop'))
        renameSync(join(root, 'app.py'), join(root, 'shop/__init__.py'))
      },
    })
    expect(text('shop/__init__.py')).toContain('from shop.vapi_webhook.webhook import vapi_blueprint\n')
    expect(text('shop/vapi_webhook/answer.py')).toContain('from .tools import')
  })
})

describe('a Laravel application', () => {
  it('without a file for APIs has the webhook among its pages, free of CSRF tokens', async () => {
    const { text, report } = await writtenProject('laravel')
    expect(text('routes/web.php')).toContain(
      "use App\\Http\\Controllers\\VapiWebhookController;\nuse Illuminate\\Support\\Facades\\Route;\n\nRoute::post('/api/vapi/webhook', VapiWebhookController::class);\n",
    )
    expect(text('bootstrap/app.php')).toContain(
      "$middleware): void {\n        $middleware->validateCsrfTokens(except: ['api/vapi/webhook']);\n",
    )
    expect(text('config/services.php')).toContain(
      "return [\n\n    'vapi' => [\n        'webhook_secret' => env('VAPI_WEBHOOK_SECRET'),\n",
    )
    expect(report.installs).toMatchObject([
      { command: ['composer', 'require', 'vapi/vapi', 'guzzlehttp/guzzle'] },
    ])
  })

  it('with one has it there', async () => {
    const routes = '<?php\n\nuse Illuminate\\Http\\Request;\nuse Illuminate\\Support\\Facades\\Route;\n'
    const { after, text } = await edited('laravel', 'routes/api.php', routes)
    expect(after).toContain("Route::post('/vapi/webhook', VapiWebhookController::class);\n")
    expect(text('bootstrap/app.php')).not.toContain('validateCsrfTokens')
  })
})

describe('an application of Ruby', () => {
  it('on Rails has a route, and the SDK by Bundler under its own name', async () => {
    const { text, report } = await writtenProject('rails')
    expect(text('config/routes.rb')).toContain(
      'routes.draw do\n  post "api/vapi/webhook", to: "vapi_webhooks#create"\n',
    )
    expect(report.installs).toMatchObject([
      { command: ['bundle', 'add', 'vapi_server_sdk', '--require', 'vapi'] },
    ])
  })

  it('of Sinatra registers the routes at its top or in its class', async () => {
    const { text } = await writtenProject('sinatra')
    expect(text('app.rb')).toContain(
      'require "sinatra"\nrequire_relative "vapi/vapi_routes"\n\nregister VapiRoutes\n',
    )
    const modular = 'require "sinatra/base"\n\nclass Shop < Sinatra::Base\nend\n'
    expect((await edited('sinatra', 'app.rb', modular)).after).toBe(
      'require "sinatra/base"\nrequire_relative "vapi/vapi_routes"\n\nclass Shop < Sinatra::Base\n  register VapiRoutes\nend\n',
    )
  })
})

/** Checkers of languages: they tell by their exit code. */
const PYTHON = '/usr/bin/python3'
const checkers: {
  extension: string
  templates: string[]
  missing: string | false
  command: [string, ...string[]]
}[] = [
  {
    extension: '.py',
    templates: ['fastapi', 'flask', 'django', 'python'],
    missing: requiresFiles(PYTHON),
    command: [PYTHON, '-m', 'py_compile'],
  },
  { extension: '.php', templates: ['laravel', 'php'], missing: requires('php'), command: ['php', '-l'] },
  { extension: '.rb', templates: ['rails', 'sinatra'], missing: requires('ruby'), command: ['ruby', '-c'] },
]

describe.each(checkers)('what is written as *$extension', ({ extension, templates, missing, command }) => {
  it.skipIf(missing)(`is valid${missing === false ? '' : ` (${missing})`}`, async () => {
    const [program, ...flags] = command
    for (const template of templates) {
      const { root, report } = await writtenProject(template)
      const paths = report.files.map(({ path }) => path).filter(path => path.endsWith(extension))
      expect(paths.length).toBeGreaterThan(3)
      for (const path of paths) {
        const { status, stdout, stderr } = spawnSync(program, [...flags, path], {
          cwd: root,
          encoding: 'utf8',
        })
        expect(status, `${template}: ${path}: ${stdout}${stderr}`).toBe(0)
      }
      rmSync(root, { recursive: true })
    }
  })
})
