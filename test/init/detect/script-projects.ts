import type { TypeScriptSettings } from '../../../src/init/types.ts'
import { type Case, needs } from './tree.ts'

const html = '<div id="root"></div><script type="module" src="/src/main.tsx"></script>'
const page = (source: string) => `<script type="module" src="${source}"></script>`
const EXPRESS = "import express from 'express'\nconst app = express()\napp.listen(process.env.PORT || 4100)\n"

const expectSettings = (said: Partial<TypeScriptSettings>): TypeScriptSettings => ({
  path: 'tsconfig.json',
  isComplete: true,
  skipLibCheck: null,
  strict: null,
  module: null,
  moduleResolution: null,
  paths: {},
  ...said,
})

/** Projects of JavaScript: each as small as it can be and still be one. */
export const scriptProjects: readonly Case[] = [
  {
    name: 'React on Vite in TypeScript',
    files: {
      'package.json': needs(
        'react@^19.1.0 react-dom@^19.1.0',
        'vite@^7.0.0 typescript @vitejs/plugin-react',
        { type: 'module' },
      ),
      'index.html': html,
      'src/main.tsx': '',
      'tsconfig.json':
        '{ "files": [], // only references\n "references": [{ "path": "./tsconfig.app.json" }] }',
      'tsconfig.app.json': { compilerOptions: { skipLibCheck: true, strict: true, module: 'ESNext' } },
      'package-lock.json': '{}',
    },
    expect: {
      framework: 'react',
      variant: 'vite',
      language: 'typescript',
      packageManager: 'npm',
      layout: {
        source: 'src/',
        entry: 'src/main.tsx',
        extension: 'tsx',
        major: 19,
        bundler: 'vite',
        modules: 'esm',
        port: 5173,
        manifest: 'package.json',
        tsconfig: {
          path: 'tsconfig.json',
          isComplete: true,
          skipLibCheck: true,
          strict: true,
          module: 'esnext',
          moduleResolution: null,
          paths: {},
        },
      },
    },
  },
  {
    name: 'React on Vite in JavaScript, on a port of its own, without src',
    files: {
      'package.json': needs('react react-dom', 'vite typescript'),
      'index.html': page('./main.jsx'),
      'main.jsx': '',
      'jsconfig.json': '{}',
      'vite.config.js': 'export default { server: { port: 4321 } }',
      'yarn.lock': '# yarn lockfile v1\n',
    },
    expect: {
      framework: 'react',
      language: 'javascript',
      packageManager: 'yarn',
      manager: { agent: 'yarn' },
      layout: { source: '', entry: 'main.jsx', extension: 'jsx', port: 4321 },
    },
  },
  {
    name: 'Create React App',
    files: {
      'package.json': needs('react@^18.2.0 react-dom react-scripts@5.0.1'),
      'public/index.html': '<div id="root">',
      'src/index.js': '',
      'src/App.js': '',
    },
    expect: {
      framework: 'react',
      variant: 'cra',
      language: 'javascript',
      layout: {
        source: 'src/',
        entry: 'src/index.js',
        extension: 'js',
        major: 18,
        bundler: 'webpack',
        port: 3000,
      },
    },
  },
  {
    name: 'Vue whose settings of TypeScript are in a package that is not installed',
    files: {
      'package.json': needs('vue', 'vite @vue/tsconfig'),
      'index.html': page('/src/main.ts'),
      'src/main.ts': '',
      'tsconfig.json': { extends: '@vue/tsconfig/tsconfig.dom.json' },
    },
    expect: { framework: 'vue', layout: { tsconfig: expectSettings({ isComplete: false }) } },
  },
  {
    name: 'settings of TypeScript out of a package that is there',
    files: {
      'package.json': needs('vue', 'vite @vue/tsconfig'),
      'index.html': page('/src/main.ts'),
      'src/main.ts': '',
      'tsconfig.json': { extends: '@vue/tsconfig/tsconfig.dom.json' },
      'node_modules/@vue/tsconfig/tsconfig.dom.json': { extends: './tsconfig.json' },
      'node_modules/@vue/tsconfig/tsconfig.json': { compilerOptions: { skipLibCheck: true } },
    },
    expect: { layout: { tsconfig: expectSettings({ isComplete: true, skipLibCheck: true }) } },
  },
  {
    name: 'React with webpack and ts-loader',
    files: {
      'package.json': needs('react react-dom', 'webpack webpack-cli ts-loader typescript'),
      'tsconfig.json': {},
      'src/index.tsx': '',
      'webpack.config.js': '',
    },
    expect: {
      framework: 'react',
      variant: 'webpack',
      typescript: true,
      layout: { entry: 'src/index.tsx', port: 8080 },
    },
  },
  {
    name: 'Next.js with the App Router in src',
    files: {
      'package.json': needs('next@16.0.0 react react-dom', 'typescript'),
      'tsconfig.json': { compilerOptions: { paths: { '@/*': ['./src/*'] } } },
      'src/app/layout.tsx': '',
      'src/app/page.tsx': '',
      'pnpm-lock.yaml': '',
    },
    expect: {
      framework: 'nextjs',
      variant: 'app-router',
      packageManager: 'pnpm',
      layout: {
        source: 'src/',
        entry: 'src/app/page.tsx',
        router: 'app',
        major: 16,
        extension: 'tsx',
        port: 3000,
      },
    },
  },
  {
    name: 'Next.js with pages, in JavaScript, with Express beside it',
    files: {
      'package.json': needs('next react react-dom express', '', { scripts: { dev: 'next dev -p 3007' } }),
      'pages/_app.js': '',
      'pages/index.js': '',
      'server.js': EXPRESS,
    },
    expect: {
      framework: 'nextjs',
      variant: 'pages-router',
      language: 'javascript',
      layout: { source: '', router: 'pages', entry: 'pages/_app.js', port: 3007, extension: 'js' },
    },
  },
  {
    name: 'Next.js with both routers and pages in groups',
    files: {
      'package.json': needs('next react react-dom', 'typescript'),
      'tsconfig.json': {},
      'app/(site)/page.tsx': '',
      'pages/api/old.ts': '',
    },
    expect: { framework: 'nextjs', variant: 'app-router', layout: { router: 'app', source: '' } },
  },
  {
    name: 'Next.js whose folder app holds something else',
    files: { 'package.json': needs('next react react-dom'), 'app/helpers.js': '', 'pages/index.js': '' },
    expect: { framework: 'nextjs', variant: 'pages-router' },
  },
  {
    name: 'Nuxt 4',
    files: {
      'package.json': needs('nuxt@^4.4.0 vue'),
      'nuxt.config.ts': 'export default defineNuxtConfig({})',
      'app/app.vue': '<script setup lang="ts"></script>',
      'tsconfig.json': '{ "files": [] }',
    },
    expect: {
      framework: 'nuxt',
      typescript: true,
      layout: { source: 'app/', entry: 'app/app.vue', major: 4, extension: 'vue' },
    },
  },
  {
    name: 'Nuxt 3, flat',
    files: { 'package.json': needs('nuxt@^3.17.0'), 'nuxt.config.ts': '', 'app.vue': '<script setup>' },
    expect: { framework: 'nuxt', layout: { source: '', entry: 'app.vue', major: 3 } },
  },
  {
    name: 'Nuxt with its sources moved',
    files: {
      'package.json': needs('', 'nuxt@^3.17.0'),
      'nuxt.config.ts': "export default defineNuxtConfig({ srcDir: 'client/' })",
      'client/app.vue': '',
    },
    expect: { framework: 'nuxt', layout: { source: 'client/', entry: 'client/app.vue' } },
  },
  {
    name: 'Vue on Vite',
    files: {
      'package.json': needs('vue@^3.5.0', 'vite @vitejs/plugin-vue'),
      'index.html': page('/src/main.ts'),
      'src/main.ts': '',
      'src/App.vue': '<script setup lang="ts">',
      'bun.lock': '',
    },
    expect: {
      framework: 'vue',
      variant: 'vite',
      typescript: true,
      packageManager: 'bun',
      layout: { major: 3, extension: 'vue', entry: 'src/main.ts' },
    },
  },
  {
    name: 'Vue CLI with Vue 2',
    files: {
      'package.json': needs('vue@^2.7.0', '@vue/cli-service'),
      'public/index.html': '',
      'src/main.js': '',
      'src/App.vue': '<script>',
    },
    expect: {
      framework: 'vue',
      variant: 'vue-cli',
      language: 'javascript',
      layout: { major: 2, port: 8080 },
    },
  },
  {
    name: 'SvelteKit without svelte.config.js, in TypeScript',
    files: {
      'package.json': needs('', '@sveltejs/kit svelte@^5.0.0 vite typescript', { type: 'module' }),
      'src/routes/+page.svelte': '<script lang="ts">',
      'src/app.d.ts': '',
      'tsconfig.json': { extends: './.svelte-kit/tsconfig.json' },
    },
    expect: {
      framework: 'sveltekit',
      typescript: true,
      layout: { source: 'src/', traits: ['runes'], extension: 'svelte' },
    },
  },
  {
    name: 'SvelteKit in JavaScript with JSDoc',
    files: {
      'package.json': needs('', '@sveltejs/kit svelte@^4.2.0 vite typescript'),
      'src/routes/+page.svelte': '<script>',
      'jsconfig.json': {},
    },
    expect: { framework: 'sveltekit', language: 'javascript', layout: { traits: [] } },
  },
  {
    name: 'Svelte on Vite',
    files: {
      'package.json': needs('', 'svelte@^5.1.0 vite @sveltejs/vite-plugin-svelte'),
      'index.html': page('/src/main.ts'),
      'src/main.ts': '',
    },
    expect: { framework: 'svelte', variant: 'vite', layout: { traits: ['runes'] } },
  },
  {
    name: 'Angular 21, standalone and without suffixes',
    files: {
      'package.json': needs('@angular/core@^21.0.0 express', 'typescript'),
      'angular.json': {},
      'tsconfig.json': {},
      'src/index.html': '',
      'src/main.ts': 'bootstrapApplication(App)',
      'src/app/app.ts': '',
      'src/app/app.config.ts': '',
      'src/server.ts': EXPRESS,
    },
    expect: {
      framework: 'angular',
      variant: 'standalone',
      layout: {
        major: 21,
        traits: ['standalone', 'no-suffix'],
        source: 'src/',
        entry: 'src/main.ts',
        port: 4200,
        registerIn: 'src/app/app.config.ts',
      },
    },
  },
  {
    name: 'Angular 15 with modules',
    files: {
      'package.json': needs('@angular/core@~15.2.0'),
      'angular.json': {},
      'tsconfig.json': '/* To learn more */ {}',
      'src/main.ts': 'platformBrowserDynamic().bootstrapModule(AppModule)',
      'src/app/app.component.ts': '',
      'src/app/app.module.ts': '',
    },
    expect: {
      framework: 'angular',
      variant: 'ngmodule',
      layout: { major: 15, traits: [], registerIn: 'src/app/app.module.ts' },
    },
  },
  {
    name: 'Ionic Angular',
    files: {
      'package.json': needs('@ionic/angular @angular/core@^19.0.0'),
      'ionic.config.json': { type: 'angular' },
      'angular.json': {},
      'tsconfig.json': {},
      'src/main.ts': 'bootstrapApplication(AppComponent)',
      'src/app/app.component.ts': '',
      'android/build.gradle': '',
      'ios/': '',
    },
    expect: {
      framework: 'ionic-angular',
      variant: 'standalone',
      layout: { traits: ['standalone'], port: 8100 },
    },
  },
  {
    name: 'Ionic React',
    files: {
      'package.json': needs('@ionic/react react react-dom', 'vite'),
      'ionic.config.json': { type: 'react' },
      'index.html': html,
      'src/main.tsx': '',
      'tsconfig.json': {},
    },
    expect: {
      framework: 'ionic-react',
      variant: 'vite',
      layout: { entry: 'src/main.tsx', extension: 'tsx' },
    },
  },
  {
    name: 'Ionic Vue',
    files: {
      'package.json': needs('@ionic/vue vue', 'vite'),
      'ionic.config.json': { type: 'vue' },
      'src/main.ts': '',
    },
    expect: { framework: 'ionic-vue', variant: 'vite', layout: { extension: 'vue' } },
  },
  {
    name: 'React Router as a framework',
    files: {
      'package.json': needs(
        'react react-dom react-router @react-router/node',
        '@react-router/dev@7.18.4 vite',
      ),
      'react-router.config.ts': 'export default { ssr: true }',
      'vite.config.ts': '',
      'app/root.tsx': '',
      'app/routes.ts': 'export default []',
      'tsconfig.json': {},
    },
    expect: {
      framework: 'react-router',
      layout: { source: 'app/', entry: 'app/root.tsx', registerIn: 'app/routes.ts', major: 7, traits: [] },
    },
  },
  {
    name: 'React Router with routes by name',
    files: {
      'package.json': needs('react react-router', '@react-router/dev vite'),
      'app/root.tsx': '',
      'app/routes.ts': 'export default flatRoutes()',
    },
    expect: { framework: 'react-router', layout: { traits: ['flat-routes'] } },
  },
  {
    name: 'React Router as a library is React',
    files: {
      'package.json': needs('react react-dom react-router', 'vite'),
      'index.html': html,
      'src/main.tsx': '',
    },
    expect: { framework: 'react' },
  },
  {
    name: 'Remix 2 on Vite',
    files: {
      'package.json': needs(
        '@remix-run/node @remix-run/react@^2.16.0 react react-dom express',
        '@remix-run/dev vite',
      ),
      'vite.config.ts': '',
      'app/root.tsx': '',
      'tsconfig.json': {},
    },
    expect: { framework: 'remix', variant: 'vite', layout: { source: 'app/', major: 2 } },
  },
  {
    name: 'Remix with its own compiler',
    files: {
      'package.json': needs('@remix-run/react', '@remix-run/dev'),
      'remix.config.js': '',
      'app/root.jsx': '',
    },
    expect: { framework: 'remix', variant: 'classic', language: 'javascript', layout: { port: 3000 } },
  },
  {
    name: 'Astro with an adapter and React in it',
    files: {
      'package.json': needs('astro@^5.10.0 @astrojs/node react react-dom'),
      'astro.config.mjs': "export default defineConfig({\n  output: 'server',\n  adapter: node({}),\n})",
      'src/pages/index.astro': '',
      'tsconfig.json': {},
    },
    expect: { framework: 'astro', layout: { traits: ['adapter'], source: 'src/', port: 4321 } },
  },
  {
    name: 'Astro without one',
    files: { 'package.json': needs('astro'), 'astro.config.mjs': '', 'src/pages/index.astro': '' },
    expect: { framework: 'astro', layout: { traits: [] } },
  },
  {
    name: 'Gatsby',
    files: {
      'package.json': needs('gatsby react react-dom'),
      'gatsby-config.js': '',
      'src/pages/index.js': '',
    },
    expect: { framework: 'gatsby', layout: { extension: 'js', port: 8000 } },
  },
  {
    name: 'SolidStart',
    files: {
      'package.json': needs('@solidjs/start @solidjs/router solid-js vinxi'),
      'app.config.ts': '',
      'src/app.tsx': '',
      'src/routes/index.tsx': '',
      'tsconfig.json': {},
    },
    expect: { framework: 'solidstart', layout: { entry: 'src/app.tsx' } },
  },
  {
    name: 'Solid on Vite',
    files: {
      'package.json': needs('solid-js', 'vite vite-plugin-solid'),
      'index.html': html,
      'src/main.tsx': '',
    },
    expect: { framework: 'solid', variant: 'vite', layout: { extension: 'tsx' } },
  },
  {
    name: 'Qwik City',
    files: {
      'package.json': needs('', '@builder.io/qwik @builder.io/qwik-city vite'),
      'src/entry.ssr.tsx': '',
      'src/root.tsx': '',
      'tsconfig.json': {},
    },
    expect: { framework: 'qwik', variant: 'city', layout: { entry: 'src/root.tsx' } },
  },
  {
    name: 'TanStack Start',
    files: {
      'package.json': needs('@tanstack/react-start react react-dom', 'vite'),
      'src/router.tsx': '',
      'src/routes/__root.tsx': '',
      'tsconfig.json': {},
    },
    expect: { framework: 'tanstack-start', layout: { source: 'src/', entry: 'src/routes/__root.tsx' } },
  },
  {
    name: 'Preact under the name of React',
    files: {
      'package.json': needs(
        'preact react@npm:@preact/compat react-dom@npm:@preact/compat',
        'vite @preact/preset-vite',
      ),
      'index.html': html,
      'src/main.tsx': '',
    },
    expect: { framework: 'preact', variant: 'vite' },
  },
  {
    name: 'Lit on Vite',
    files: {
      'package.json': needs('lit', 'vite typescript'),
      'index.html': page('/src/my-element.ts'),
      'src/my-element.ts': '',
    },
    expect: { framework: 'lit', layout: { entry: 'src/my-element.ts' } },
  },
  {
    name: 'a page alone',
    files: { 'index.html': page('script.js'), 'script.js': '' },
    expect: {
      framework: 'vanilla',
      variant: 'html',
      packageManager: 'npm',
      layout: { entry: 'script.js', registerIn: 'index.html' },
    },
  },
  {
    name: 'Parcel',
    files: {
      'package.json': needs('', 'parcel', { source: 'src/index.html' }),
      'src/index.html': '<script type="module" src="main.js"></script>',
      'src/main.js': '',
    },
    expect: {
      framework: 'vanilla',
      variant: 'parcel',
      layout: { entry: 'src/main.js', port: 1234, source: 'src/' },
    },
  },
  {
    name: 'webpack that makes the page itself',
    files: {
      'package.json': needs('', 'webpack webpack-cli html-webpack-plugin'),
      'webpack.config.js': '',
      'src/index.js': '',
    },
    expect: { framework: 'vanilla', variant: 'webpack' },
  },
  {
    name: 'bare React Native, with a Gemfile',
    files: {
      'package.json': needs('react react-native@0.86.3', '@react-native-community/cli typescript'),
      'app.json': { name: 'x', displayName: 'x' },
      'android/build.gradle': '',
      'ios/Podfile': '',
      Gemfile: "source 'https://rubygems.org'\ngem 'cocoapods'\n",
      'App.tsx': '',
      'index.js': '',
      'metro.config.js': '',
      'tsconfig.json': {},
    },
    expect: {
      framework: 'react-native',
      variant: 'bare',
      typescript: true,
      layout: { entry: 'App.tsx', source: '', port: null },
    },
  },
  {
    name: 'bare React Native with a module of Expo',
    files: {
      'package.json': needs('react react-native expo', '', { scripts: { start: 'react-native start' } }),
      'app.json': { name: 'x' },
      'android/': '',
      'ios/': '',
      'App.js': '',
    },
    expect: { framework: 'react-native', language: 'javascript' },
  },
  {
    name: 'Expo with its router',
    files: {
      'package.json': needs('expo@~55.0.0 expo-router react react-native react-dom', 'typescript', {
        main: 'expo-router/entry',
      }),
      'app.json': { expo: { name: 'x' } },
      'src/app/_layout.tsx': '',
      'tsconfig.json': { extends: 'expo/tsconfig.base' },
    },
    expect: {
      framework: 'expo',
      variant: 'managed',
      layout: { major: 55, entry: 'src/app/_layout.tsx', source: 'src/', registerIn: 'app.json', traits: [] },
    },
  },
  {
    name: 'prebuilt Expo, configured by code',
    files: {
      'package.json': needs('expo react react-native'),
      'app.config.ts': 'export default {}',
      'android/': '',
      'ios/': '',
      'App.tsx': '',
      'pnpm-lock.yaml': '',
    },
    expect: {
      framework: 'expo',
      variant: 'prebuilt',
      packageManager: 'pnpm',
      layout: { traits: ['prebuilt', 'dynamic-config'], registerIn: 'app.config.ts' },
    },
  },
  {
    name: 'React Native for the web inside Next.js is Next.js',
    files: {
      'package.json': needs('next react react-dom react-native react-native-web'),
      'pages/_app.js': '',
    },
    expect: { framework: 'nextjs' },
  },
  {
    name: 'Express in TypeScript',
    files: {
      'package.json': needs('express@5.0.0', 'typescript tsx', {
        scripts: { dev: 'tsx watch src/index.ts' },
      }),
      'src/index.ts': EXPRESS,
      'tsconfig.json': { compilerOptions: { module: 'NodeNext' } },
    },
    expect: {
      framework: 'express',
      layout: {
        entry: 'src/index.ts',
        source: 'src/',
        extension: 'ts',
        port: 4100,
        registerIn: 'src/index.ts',
        modules: 'commonjs',
      },
    },
  },
  {
    name: 'the Express generator’s project',
    files: {
      'package.json': needs('express@~4.16.1 debug', '', { scripts: { start: 'node ./bin/www' } }),
      'app.js': "var express = require('express');\nvar app = express();\nmodule.exports = app;",
      'bin/www': "var app = require('../app');",
    },
    expect: {
      framework: 'express',
      language: 'javascript',
      layout: { entry: 'app.js', source: '', major: 4, extension: 'js' },
    },
  },
  {
    name: 'Express only as a mock server of tests',
    files: { 'package.json': needs('undici', 'express'), 'index.js': '' },
    expect: { framework: 'node', candidates: ['node', 'express'] },
  },
  {
    name: 'two servers, of which one listens',
    files: {
      'package.json': needs('express hono'),
      'index.js':
        "import express from 'express'\nimport { Hono } from 'hono'\nconst api = new Hono()\nconst app = express()\napp.listen(3000)\n",
    },
    expect: { framework: 'express', layout: { port: 3000 } },
  },
  {
    name: 'a commented import is none',
    files: {
      'package.json': needs('fastify koa'),
      'index.js': "// import Koa from 'koa'\nimport Fastify from 'fastify'\nconst app = Fastify()\n",
    },
    expect: { framework: 'fastify' },
  },
  {
    name: 'Fastify of its own generator, in TypeScript',
    files: {
      'package.json': needs('fastify@^5.0.0 fastify-cli @fastify/autoload', 'typescript', {
        scripts: { start: 'npm run build:ts && fastify start -l info dist/app.js' },
      }),
      'src/app.ts': "import { FastifyPluginAsync } from 'fastify'",
      'src/routes/root.ts': 'export default async () => {}',
      'tsconfig.json': {},
    },
    expect: {
      framework: 'fastify',
      layout: { entry: 'src/app.ts', source: 'src/', major: 5, traits: ['autoload'] },
    },
  },
  {
    name: 'Koa',
    files: {
      'package.json': needs('koa @koa/router'),
      'app.js': "const Koa = require('koa')\nconst app = new Koa()\napp.listen(3000)",
    },
    expect: { framework: 'koa' },
  },
  {
    name: 'NestJS as an ES module',
    files: {
      'package.json': needs('@nestjs/core@^12.0.0 @nestjs/platform-express express', 'typescript', {
        type: 'module',
      }),
      'nest-cli.json': {},
      'tsconfig.json': {},
      'src/main.ts': 'await app.listen(process.env.PORT ?? 3000)',
      'src/app.module.ts': '',
    },
    expect: {
      framework: 'nestjs',
      layout: { registerIn: 'src/app.module.ts', modules: 'esm', major: 12, source: 'src/' },
    },
  },
  {
    name: 'Hono on Node',
    files: {
      'package.json': needs('hono @hono/node-server', 'typescript'),
      'src/index.ts':
        "import { serve } from '@hono/node-server'\nimport { Hono } from 'hono'\nconst app = new Hono()\nserve({ fetch: app.fetch, port: 3000 })",
      'tsconfig.json': {},
    },
    expect: { framework: 'hono', variant: 'node', layout: { entry: 'src/index.ts' } },
  },
  {
    name: 'Hono as a Worker',
    files: {
      'package.json': needs('hono', 'wrangler'),
      'wrangler.jsonc': '{}',
      'src/index.ts': "import { Hono } from 'hono'",
    },
    expect: { framework: 'hono', variant: 'workers' },
  },
  {
    name: 'Hono on Deno',
    files: {
      'deno.json': { imports: { hono: 'jsr:@hono/hono@^4' } },
      'main.ts': "import { Hono } from 'hono'\nconst app = new Hono()\nDeno.serve(app.fetch)",
    },
    expect: {
      framework: 'hono',
      variant: 'deno',
      packageManager: 'deno',
      typescript: true,
      layout: { manifest: 'deno.json' },
    },
  },
  {
    name: 'Elysia on Bun',
    files: {
      'package.json': needs('elysia', 'bun-types', { scripts: { dev: 'bun run --watch src/index.ts' } }),
      'src/index.ts': "import { Elysia } from 'elysia'\nconst app = new Elysia().listen(3000)",
      'bun.lockb': '',
    },
    expect: { framework: 'elysia', packageManager: 'bun' },
  },
  {
    name: 'plain Deno',
    files: {
      'deno.jsonc': '{ // tasks\n "tasks": {}, }',
      'main.ts': 'Deno.serve(() => new Response())',
      'deno.lock': '{}',
    },
    expect: {
      framework: 'deno',
      language: 'typescript',
      packageManager: 'deno',
      layout: { manifest: 'deno.jsonc', entry: 'main.ts' },
    },
  },
  {
    name: 'plain Bun',
    files: {
      'package.json': needs('', '@types/bun'),
      'index.ts': 'Bun.serve({ port: 3100 })',
      'bun.lock': '',
      'tsconfig.json': {},
    },
    expect: { framework: 'bun', packageManager: 'bun', layout: { port: 3100 } },
  },
  {
    name: 'plain Node',
    files: { 'package.json': needs('undici', '', { type: 'module', bin: './cli.js' }), 'cli.js': '' },
    expect: {
      framework: 'node',
      language: 'javascript',
      layout: { entry: 'cli.js', modules: 'esm', manifest: 'package.json' },
    },
  },
  {
    name: 'a package.json just made',
    files: { 'package.json': '{"name":"x","version":"1.0.0","main":"index.js","scripts":{"test":"echo"}}' },
    expect: { framework: 'node', packageManager: 'npm', layout: { entry: null } },
  },
  {
    name: 'Docusaurus is not taken for React',
    files: {
      'package.json': needs('@docusaurus/core react react-dom'),
      'docusaurus.config.ts': '',
      'src/pages/index.tsx': '',
    },
    expect: { framework: null, warnings: [/Docusaurus/] },
  },
  {
    name: 'a library of React components',
    files: {
      'package.json': {
        name: 'x',
        peerDependencies: { react: '>=18' },
        devDependencies: { react: '^19', 'react-dom': '^19', tsup: '1' },
      },
      'src/index.tsx': '',
    },
    expect: { framework: 'react', typescript: true },
  },
]
