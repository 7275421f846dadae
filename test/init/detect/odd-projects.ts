import { type Case, needs } from './tree.ts'

const REACT = needs('react react-dom', 'vite')
const EXPRESS = "const express = require('express')\nconst app = express()\napp.listen(3000)"

/** Projects that are several things, nothing, broken, or a part of something. */
export const oddProjects: readonly Case[] = [
  {
    name: 'an empty folder',
    files: {},
    expect: { framework: null, candidates: [], packageManager: null, layout: undefined },
  },
  {
    name: 'React and Express in one package',
    files: {
      'package.json': needs('react react-dom express', 'vite'),
      'index.html': '',
      'server.js': EXPRESS,
    },
    expect: {
      framework: null,
      candidates: ['react', 'express', 'node'],
      language: 'javascript',
      packageManager: 'npm',
    },
  },
  {
    name: 'Django and Next.js in one folder',
    files: {
      'manage.py': 'DJANGO_SETTINGS_MODULE',
      'package.json': needs('next react react-dom'),
      'pages/index.js': '',
      'requirements.txt': 'django',
    },
    expect: { framework: null, language: null, packageManager: null },
  },
  {
    name: 'FastAPI and Flask, neither in the other',
    files: {
      'requirements.txt': 'fastapi\nflask',
      'main.py': 'app = FastAPI()',
      'old.py': 'app = Flask("x")',
    },
    expect: {
      framework: null,
      candidates: ['fastapi', 'flask', 'python'],
      language: 'python',
      packageManager: 'pip',
    },
  },
  {
    name: 'two languages without a framework',
    files: { 'package.json': needs('lodash'), 'requirements.txt': 'requests' },
    expect: { framework: null },
  },
  {
    name: 'a page beside a Go program',
    files: {
      'go.mod': 'module x\n',
      'main.go': 'package main\nimport "net/http"\nfunc main() {}\n',
      'index.html': '',
    },
    expect: { framework: 'go' },
  },
  {
    name: 'package.json of tools beside Go',
    files: {
      'go.mod': 'module x\n',
      'package.json': needs('', 'prettier husky', { scripts: { format: 'prettier .' } }),
    },
    expect: { framework: 'go', packageManager: 'go' },
  },
  {
    name: 'FastAPI with a function for Next.js beside it is asked for',
    files: {
      'package.json': needs('next react react-dom'),
      'app/page.tsx': '',
      'requirements.txt': 'fastapi',
      'main.py': 'app = FastAPI()',
    },
    expect: { framework: null, candidates: ['nextjs', 'fastapi', 'react', 'node', 'python'] },
  },
  {
    name: 'a requirement alone does not stand against Next.js',
    files: {
      'package.json': needs('next react react-dom'),
      'app/page.tsx': '',
      'requirements.txt': 'fastapi',
      'api/index.py': '',
    },
    expect: { framework: 'nextjs' },
  },
  {
    name: 'a Gemfile for fastlane alone',
    files: { Gemfile: "gem 'fastlane'\n" },
    expect: { framework: null, candidates: ['ruby'] },
  },
  {
    name: 'package.json that is no JSON',
    files: { 'package.json': '{\n  "name": "x",\n  "dependencies": {\n' },
    expect: {
      framework: null,
      warnings: [/package\.json cannot be read: it is not valid JSON \(.* in line 3\)/],
    },
  },
  {
    name: 'a broken package.json beside other files of Next.js',
    files: { 'package.json': '{,}', 'next.config.js': '', 'app/page.tsx': '' },
    expect: { framework: 'nextjs', warnings: [/package\.json/] },
  },
  {
    name: 'an empty package.json',
    files: { 'package.json': '' },
    expect: { framework: null, warnings: [/it is empty/] },
  },
  {
    name: 'package.json with a list',
    files: { 'package.json': '[]' },
    expect: { framework: null, warnings: [/holds no object/] },
  },
  {
    name: 'package.json with dependencies of odd kinds',
    files: {
      'package.json':
        '{"dependencies":["react"],"devDependencies":7,"scripts":null,"workspaces":{"packages":3},"main":[],"type":{}}',
    },
    expect: { framework: 'node' },
  },
  {
    name: 'package.json with a byte order mark and line ends of Windows',
    files: {
      'package.json': `\uFEFF${JSON.stringify(REACT, null, 2).replaceAll('\n', '\r\n')}`,
      'index.html': '\uFEFF',
    },
    expect: { framework: 'react', warnings: [] },
  },
  {
    name: 'package.json of two megabytes',
    files: { 'package.json': JSON.stringify({ ...REACT, text: 'x'.repeat(2_000_000) }), 'index.html': '' },
    expect: { framework: 'vanilla', warnings: [/package\.json is not read: it is larger than 1 MB/] },
  },
  {
    name: 'package.json nested without end',
    files: { 'package.json': '{"a":'.repeat(100_000) },
    expect: { framework: null, warnings: [/nested more than 200 levels/] },
  },
  {
    name: 'package.json that is a folder',
    files: { 'package.json/': '', 'go.mod': 'module x\n' },
    expect: { framework: 'go' },
  },
  {
    name: 'names of JavaScript’s own as dependencies',
    files: { 'package.json': '{"dependencies":{"__proto__":"1","constructor":"1","toString":"1"}}' },
    expect: { framework: 'node' },
  },
  {
    name: 'pyproject.toml that is no TOML',
    files: { 'pyproject.toml': '[project\nx', 'main.py': 'app = FastAPI()' },
    expect: { framework: 'fastapi', warnings: [/pyproject\.toml cannot be read/] },
  },
  {
    name: 'pubspec.yaml that is no YAML',
    files: { 'pubspec.yaml': 'a: [1\n: {' },
    expect: { framework: null, warnings: [/pubspec\.yaml cannot be read/] },
  },
  {
    name: 'plain Dart is not Flutter',
    files: { 'pubspec.yaml': 'name: tool\ndependencies:\n  args: any\n' },
    expect: { framework: null },
  },
  {
    name: 'two lock files',
    files: { 'package.json': REACT, 'index.html': '', 'yarn.lock': '', 'package-lock.json': '{}' },
    expect: {
      framework: 'react',
      packageManager: 'yarn',
      manager: { choices: ['yarn', 'npm'] },
      warnings: [/package-lock\.json, yarn\.lock/],
    },
  },
  {
    name: 'two lock files and a field that decides',
    files: {
      'package.json': { ...REACT, packageManager: 'pnpm@9.12.1+sha512.abc' },
      'yarn.lock': '',
      'package-lock.json': '{}',
    },
    expect: {
      packageManager: 'pnpm',
      manager: { version: '9.12.1', choices: ['pnpm'], folder: '' },
      warnings: [],
    },
  },
  {
    name: 'two lock files, of which one filled node_modules',
    files: {
      'package.json': REACT,
      'yarn.lock': '',
      'package-lock.json': '{}',
      'node_modules/.package-lock.json': '{}',
    },
    expect: { packageManager: 'npm', manager: { choices: ['npm', 'yarn'] } },
  },
  {
    name: 'devEngines as a list',
    files: {
      'package.json': { ...REACT, devEngines: { packageManager: [{ name: 'bun', version: '>=1.1' }] } },
      'package-lock.json': '{}',
    },
    expect: { packageManager: 'bun' },
  },
  {
    name: 'a package manager that nobody knows',
    files: { 'package.json': { ...REACT, packageManager: 'cnpm@1.0.0' }, 'pnpm-lock.yaml': '' },
    expect: { packageManager: 'pnpm', warnings: [/cnpm/] },
  },
  {
    name: 'Deno’s lock file beside npm’s',
    files: { 'package.json': REACT, 'deno.lock': '{}', 'package-lock.json': '{}' },
    expect: { packageManager: 'npm', warnings: [] },
  },
  {
    name: 'pnpm’s workspace file beside npm’s lock file',
    files: {
      'package.json': REACT,
      'pnpm-workspace.yaml': 'onlyBuiltDependencies: [esbuild]\n',
      'package-lock.json': '{}',
    },
    expect: { packageManager: 'npm', warnings: [/pnpm-workspace\.yaml/] },
  },
  {
    name: 'Yarn 4 without the field',
    files: { 'package.json': REACT, 'yarn.lock': '# This file is generated\n\n__metadata:\n  version: 8\n' },
    expect: { packageManager: 'yarn', manager: { agent: 'yarn@berry' } },
  },
  {
    name: 'Yarn 1 with settings of a later one lying around',
    files: {
      'package.json': { ...REACT, packageManager: 'yarn@1.22.22' },
      '.yarnrc.yml': 'nodeLinker: node-modules\n',
      'yarn.lock': '',
    },
    expect: { packageManager: 'yarn', manager: { agent: 'yarn', version: '1.22.22' } },
  },
  {
    name: 'Yarn that is checked in',
    files: {
      'package.json': REACT,
      '.yarnrc.yml': 'yarnPath: .yarn/releases/yarn-4.1.0.cjs\n',
      'yarn.lock': '',
    },
    expect: { manager: { agent: 'yarn@berry', version: '4.1.0' } },
  },
  {
    name: 'two lock files of Python',
    files: { 'pyproject.toml': '[project]\ndependencies=[]\n', 'uv.lock': '', 'poetry.lock': '' },
    expect: {
      packageManager: 'uv',
      manager: { choices: ['uv', 'poetry'] },
      warnings: [/poetry\.lock, uv\.lock/],
    },
  },
  {
    name: 'versions out of a catalogue',
    files: {
      'package.json': needs('react@catalog: react-dom@catalog: vue@workspace:*', 'vite'),
      'index.html': '',
      'pnpm-workspace.yaml': 'packages: []\ncatalog:\n  react: ^18.3.1\n',
    },
    expect: { framework: null, candidates: ['react', 'vue', 'node'] },
  },
  {
    name: 'a package of a pnpm workspace, with versions out of its catalogue',
    files: {
      'pnpm-workspace.yaml':
        'packages:\n  - "apps/*"\n  - "!apps/old"\ncatalogs:\n  ui:\n    react: ^18.3.1\n',
      'package.json': needs('', 'turbo'),
      'turbo.json': {},
      'pnpm-lock.yaml': '',
      'apps/web/package.json': needs('react@catalog:ui react-dom@catalog:ui', 'vite'),
      'apps/web/index.html': '',
      'apps/api/package.json': needs('express'),
      'apps/api/index.js': EXPRESS,
      'apps/old/package.json': {},
    },
    within: 'apps/web',
    expect: {
      framework: 'react',
      packageManager: 'pnpm',
      manager: { from: 'pnpm-lock.yaml in ../..', folder: '../..', workspaceRoot: false },
      monorepo: { tool: 'turbo', packages: ['apps/api', 'apps/web'] },
      layout: { major: 18 },
    },
  },
  {
    name: 'the root of a workspace',
    files: {
      'package.json': {
        private: true,
        workspaces: ['packages/**', 'sites/{shop,blog}'],
        devDependencies: { prettier: '3' },
      },
      'yarn.lock': '__metadata:\n',
      'packages/ui/button/package.json': needs('react react-dom', 'vite'),
      'packages/server/package.json': needs('fastify'),
      'packages/server/index.js': "require('fastify')",
      'packages/server/node_modules/koa/package.json': {},
      'sites/shop/package.json': needs('next react react-dom'),
      'sites/shop/pages/index.js': '',
      'sites/old/package.json': {},
    },
    expect: {
      framework: null,
      monorepo: { tool: 'yarn', packages: ['packages/server', 'packages/ui/button', 'sites/shop'] },
      packages: { 'packages/server': 'fastify', 'packages/ui/button': 'react', 'sites/shop': 'nextjs' },
    },
  },
  {
    name: 'a workspace root that is an application too',
    files: {
      'package.json': { ...needs('next react react-dom'), workspaces: { packages: ['packages/*'] } },
      'app/page.tsx': '',
      'packages/ui/package.json': {},
      'package-lock.json': '',
    },
    expect: {
      framework: 'nextjs',
      monorepo: { tool: 'npm', packages: ['packages/ui'] },
      manager: { workspaceRoot: true },
      packages: {},
    },
  },
  {
    name: 'a folder that the workspace above does not name',
    files: {
      'package.json': { workspaces: ['packages/*'] },
      'packages/a/package.json': {},
      'package-lock.json': '{}',
      'examples/x/package.json': needs('koa'),
      'examples/x/app.js': "require('koa')",
    },
    within: 'examples/x',
    expect: { framework: 'koa', monorepo: null, packageManager: 'npm' },
  },
  {
    name: 'an application of Nx without a package.json of its own',
    files: {
      'package.json': needs('react react-dom express', 'nx vite @nx/react'),
      'nx.json': {},
      'tsconfig.base.json': {},
      'apps/web/project.json': { targets: { build: { executor: '@nx/vite:build' } } },
      'apps/web/index.html': '',
      'apps/web/src/main.tsx': "import * as ReactDOM from 'react-dom/client'\nimport React from 'react'\n",
      'apps/api/project.json': {},
      'apps/api/src/main.ts': "import express from 'express'\nconst app = express()\napp.listen(3333)",
    },
    within: 'apps/web',
    expect: {
      framework: 'react',
      variant: 'vite',
      monorepo: { tool: 'nx', packages: ['apps/api', 'apps/web'] },
      layout: { manifest: '../../package.json', traits: ['inherited-manifest'] },
    },
  },
  {
    name: 'an Express application of the same Nx',
    files: {
      'package.json': needs('next react react-dom express', 'nx'),
      'nx.json': {},
      'apps/api/project.json': {},
      'apps/api/src/main.ts': "import express from 'express'\nconst app = express()\napp.listen(3333)",
    },
    within: 'apps/api',
    expect: { framework: 'express', language: 'typescript', layout: { port: 3333, entry: 'src/main.ts' } },
  },
  {
    name: 'a package in JavaScript below settings of TypeScript',
    files: {
      'package.json': { workspaces: ['packages/*'] },
      'tsconfig.json': {},
      'packages/a/package.json': needs('koa', 'typescript'),
      'packages/a/jsconfig.json': {},
      'packages/b/package.json': needs('koa'),
    },
    within: 'packages/a',
    expect: { framework: 'koa', language: 'javascript', layout: { tsconfig: null } },
  },
  {
    name: 'a solution lists projects',
    files: {
      'Shop.sln':
        'Project("{x}") = "Web", "src\\Web\\Web.csproj", "{y}"\nProject("{x}") = "T", "tests\\Web.Tests\\Web.Tests.csproj", "{z}"\n',
      'src/Web/Web.csproj': '<Project Sdk="Microsoft.NET.Sdk.Web"/>',
      'tests/Web.Tests/Web.Tests.csproj': '<Project/>',
    },
    expect: {
      framework: null,
      monorepo: { tool: 'dotnet', packages: ['src/Web'] },
      packages: { 'src/Web': 'aspnetcore' },
    },
  },
  {
    name: 'a workspace of Cargo',
    files: {
      'Cargo.toml': '[workspace]\nmembers = ["crates/*"]\nexclude = ["crates/old"]\n',
      'crates/api/Cargo.toml': '[package]\nname="api"\n[dependencies]\naxum.workspace = true\n',
      'crates/old/Cargo.toml': '',
    },
    expect: {
      framework: null,
      monorepo: { tool: 'cargo', packages: ['crates/api'] },
      packages: { 'crates/api': 'axum' },
    },
  },
  {
    name: 'a workspace of Go',
    files: {
      'go.work': 'go 1.22\nuse (\n\t./api\n\t./lib // ours\n)\n',
      'api/go.mod': 'module a\n',
      'lib/go.mod': 'module b\n',
    },
    expect: { framework: null, monorepo: { tool: 'go', packages: ['api', 'lib'] } },
  },
  {
    name: 'front end and back end side by side, without a workspace',
    files: {
      'backend/pyproject.toml': '[project]\ndependencies = ["fastapi"]\n',
      'backend/app/main.py': 'app = FastAPI()',
      'frontend/package.json': REACT,
      'frontend/index.html': '',
      'docs/readme.md': '',
      'node_modules/x/package.json': {},
    },
    expect: { framework: null, monorepo: null, packages: { backend: 'fastapi', frontend: 'react' } },
  },
  {
    name: 'a package of a uv workspace with the lock file at its root',
    files: {
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["backend"]\n',
      'uv.lock': '',
      'backend/pyproject.toml': '[project]\ndependencies = ["fastapi"]\n',
      'backend/main.py': 'app = FastAPI()',
    },
    within: 'backend',
    expect: {
      framework: 'fastapi',
      packageManager: 'uv',
      monorepo: { tool: 'uv', packages: ['backend'] },
      manager: { folder: '..' },
    },
  },
  {
    name: 'the major version of what is installed comes before the range',
    files: {
      'package.json': needs('react@* react-dom', 'vite'),
      'index.html': '',
      'node_modules/react/package.json': { name: 'react', version: '19.2.1' },
    },
    expect: { layout: { major: 19 } },
  },
  {
    name: 'the major version out of a lock file',
    files: {
      'package.json': needs('react@latest react-dom', 'vite'),
      'index.html': '',
      'pnpm-lock.yaml':
        'importers:\n  .:\n    dependencies:\n      react:\n        specifier: latest\n        version: 17.0.2\n',
    },
    expect: { layout: { major: 17 } },
  },
  {
    name: 'a version that is an address',
    files: {
      'package.json': needs('react@git+https://github.com/facebook/react.git react-dom', 'vite'),
      'index.html': '',
    },
    expect: { framework: 'react', layout: { major: null } },
  },
]
