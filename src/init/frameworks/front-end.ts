import type { Project } from '../project.ts'
import type { Marker } from '../types.ts'
import { readNode } from './facts/node.ts'
import { hasOtherLanguage } from './facts/others.ts'
import { npmMajor } from './facts/version.ts'
import { bundlerOf, htmlEntry, pageEntries, scriptLayout } from './facts/web.ts'
import { configFile, dependency, type Framework, marker, present, when } from './row.ts'

/** Dependencies of which one alone makes a page more than plain HTML and scripts. */
const UI = [
  'react',
  'react-dom',
  'preact',
  'vue',
  'svelte',
  'solid-js',
  'lit',
  '@angular/core',
  'next',
  'nuxt',
  'astro',
  'gatsby',
  '@sveltejs/kit',
  '@builder.io/qwik',
  '@qwik.dev/core',
  'react-native',
  'expo',
]
const SERVERS = ['express', 'fastify', 'koa', '@nestjs/core', 'hono', 'elysia']

/** A front end without a page or a bundler is a library of components: its dependency leaves room for doubt. */
function underPage(project: Project, markers: Marker[], what: string): Marker[] {
  const node = project.fact(readNode)
  if (markers.length === 0 || node.path === null || markers.every(({ weight }) => weight === 'weak'))
    return markers
  const page = project.first('index.html', 'src/index.html', 'public/index.html')
  const bundler = project.fact(bundlerOf)
  if (page === null && bundler === null) return markers
  return [marker(page ?? node.path, page === null ? `bundled by ${bundler}` : what, 'certain'), ...markers]
}

const PAGE = 'a page for the front end'
const ENTRIES = pageEntries('src/main', 'src/index', 'src/App', 'main', 'index', 'client/main')

const webVariant = (project: Project) => project.fact(bundlerOf)

const react: Framework = {
  id: 'react',
  label: 'React',
  family: 'javascript',
  kind: 'front-end',
  language: 'script',
  port: 5173,
  beats: ['vanilla', 'lit'],
  variants: ['vite', 'cra', 'webpack', 'parcel', 'rsbuild', 'rollup', 'esbuild'],
  markers(project) {
    const node = project.fact(readNode)
    if (/preact/.test(node.range('react') ?? '')) return []
    const dom = dependency(project, 'react-dom', 'strong')
    const named = dependency(project, 'react', dom.length > 0 ? 'strong' : 'weak')
    return underPage(project, [...named, ...dom, ...dependency(project, 'react-scripts', 'strong')], PAGE)
  },
  variant: project =>
    project.fact(readNode).dependency('react-scripts') !== null ? 'cra' : webVariant(project),
  layout(project, variant) {
    const entry = project.fact(htmlEntry) ?? project.first(...ENTRIES)
    const port = { vite: 5173, parcel: 1234, webpack: 8080 }[variant ?? ''] ?? 3000
    return scriptLayout(project, { framework: 'react', port, entry, jsx: true })
  },
}

const preact: Framework = {
  id: 'preact',
  label: 'Preact',
  family: 'javascript',
  kind: 'front-end',
  language: 'script',
  port: 5173,
  beats: ['vanilla', 'lit'],
  variants: ['vite', 'webpack'],
  markers(project) {
    const real = project.fact(readNode).dependency('react-dom') !== null
    const aliased = /preact/.test(project.fact(readNode).range('react') ?? '')
    return underPage(project, dependency(project, 'preact', real && !aliased ? 'weak' : 'strong'), PAGE)
  },
  variant: webVariant,
  layout(project) {
    const entry = project.fact(htmlEntry) ?? project.first(...ENTRIES)
    return scriptLayout(project, { framework: 'preact', port: 5173, entry, jsx: true })
  },
}

const vue: Framework = {
  id: 'vue',
  label: 'Vue',
  family: 'javascript',
  kind: 'front-end',
  language: 'script',
  port: 5173,
  beats: ['vanilla', 'lit'],
  variants: ['vite', 'vue-cli', 'webpack'],
  markers(project) {
    const cli = dependency(project, '@vue/cli-service', 'strong')
    return underPage(project, [...dependency(project, 'vue', 'strong'), ...cli], PAGE)
  },
  variant: project =>
    project.fact(readNode).dependency('@vue/cli-service') !== null ? 'vue-cli' : webVariant(project),
  layout(project, variant) {
    const entry = project.fact(htmlEntry) ?? project.first(...ENTRIES)
    const port = variant === 'vite' ? 5173 : 8080
    return scriptLayout(project, { framework: 'vue', port, entry, component: 'vue' })
  },
}

const svelte: Framework = {
  id: 'svelte',
  label: 'Svelte',
  family: 'javascript',
  kind: 'front-end',
  language: 'script',
  port: 5173,
  beats: ['vanilla', 'lit'],
  variants: ['vite', 'rollup', 'webpack'],
  markers: project => underPage(project, dependency(project, 'svelte', 'strong'), PAGE),
  variant: webVariant,
  layout(project) {
    const entry = project.fact(htmlEntry) ?? project.first(...ENTRIES)
    const layout = scriptLayout(project, { framework: 'svelte', port: 5173, entry, component: 'svelte' })
    return { ...layout, traits: [...layout.traits, ...((layout.major ?? 5) >= 5 ? ['runes'] : [])] }
  },
}

/** Angular: the folder of the application's component. */
const ANGULAR_ROOTS = [
  'src/app/app.component.ts',
  'src/app/app.ts',
  'src/app/app-module.ts',
  'src/app/app.module.ts',
]

export function angularLayout(project: Project) {
  const entry = project.first('src/main.ts')
  const layout = scriptLayout(project, { framework: '@angular/core', port: 4200, entry, source: 'src/' })
  const major = layout.major ?? null
  const root = project.text('src/main.ts') ?? ''
  const bootstrapped = /\bbootstrapApplication\s*\(/.test(root)
  const standalone = bootstrapped || ((major ?? 0) >= 14 && !/\bbootstrapModule\s*\(/.test(root))
  const short =
    project.isFile('src/app/app.ts') || (!project.isFile('src/app/app.component.ts') && (major ?? 0) >= 20)
  const registerIn = project.first('src/app/app.module.ts', 'src/app/app-module.ts', 'src/app/app.config.ts')
  const traits = [...layout.traits, ...(standalone ? ['standalone'] : []), ...(short ? ['no-suffix'] : [])]
  return { ...layout, extension: 'ts', registerIn, traits, bundler: undefined }
}

/** Angular before 14 knows modules only; later ones may use them still. */
export function angularVariant(project: Project): string {
  const main = project.text('src/main.ts') ?? ''
  if (/\bbootstrapApplication\s*\(/.test(main)) return 'standalone'
  if (/\bbootstrapModule\s*\(/.test(main)) return 'ngmodule'
  return (npmMajor(project, '@angular/core') ?? 21) >= 17 ? 'standalone' : 'ngmodule'
}

const angular: Framework = {
  id: 'angular',
  label: 'Angular',
  family: 'javascript',
  kind: 'front-end',
  language: 'script',
  port: 4200,
  // Server-side rendering of Angular is an Express server in the same package.
  beats: ['express', 'fastify', 'vanilla', 'react', 'lit'],
  variants: ['standalone', 'ngmodule'],
  markers(project) {
    const named = dependency(project, '@angular/core', 'strong')
    const workspace = project.first('angular.json', 'project.json', ...ANGULAR_ROOTS)
    return [
      ...when(named.length > 0 && workspace !== null, workspace, 'belongs to Angular', 'certain'),
      ...named,
      ...when(named.length === 0, project.first('angular.json'), 'is there', 'strong').filter(
        ({ file }) => file === 'angular.json',
      ),
    ]
  },
  variant: angularVariant,
  layout: angularLayout,
}

const solid: Framework = {
  id: 'solid',
  label: 'Solid',
  family: 'javascript',
  kind: 'front-end',
  language: 'script',
  port: 5173,
  beats: ['vanilla', 'lit'],
  variants: ['vite'],
  markers: project => underPage(project, dependency(project, 'solid-js', 'strong'), PAGE),
  variant: webVariant,
  layout(project) {
    const entry = project.fact(htmlEntry) ?? project.first(...ENTRIES)
    return scriptLayout(project, { framework: 'solid-js', port: 5173, entry, jsx: true })
  },
}

const lit: Framework = {
  id: 'lit',
  label: 'Lit',
  family: 'javascript',
  kind: 'front-end',
  language: 'script',
  port: 5173,
  beats: ['vanilla'],
  variants: ['vite', 'rollup', 'webpack'],
  markers: project =>
    underPage(
      project,
      ['lit', 'lit-element'].flatMap(name => dependency(project, name, 'strong')),
      PAGE,
    ),
  variant: webVariant,
  layout(project) {
    const entry =
      project.fact(htmlEntry) ?? project.first(...pageEntries('src/my-element', 'src/main', 'src/index'))
    return scriptLayout(project, { framework: 'lit', port: 5173, entry })
  },
}

const vanilla: Framework = {
  id: 'vanilla',
  label: 'HTML and JavaScript',
  family: 'javascript',
  kind: 'front-end',
  language: 'script',
  port: 8080,
  beats: [],
  variants: ['html', 'vite', 'webpack', 'parcel', 'rollup', 'rsbuild', 'esbuild'],
  markers(project) {
    const node = project.fact(readNode)
    if (UI.some(name => node.dependency(name) !== null && node.dependency(name) !== 'peer')) return []
    const page = project.first('index.html', 'src/index.html', 'public/index.html')
    const bundler = project.fact(bundlerOf)
    const server = SERVERS.some(name => node.dependency(name) === 'runtime')
    const alone = !project.fact(hasOtherLanguage) && !server
    const weight = alone ? 'strong' : 'weak'
    if (page === null) {
      const made = node.dependency('html-webpack-plugin') !== null && alone
      const names = [...configFile('webpack.config'), ...configFile('vite.config')]
      const configuration = present(project, names, made ? 'strong' : 'weak')
      return bundler === null || node.path === null ? [] : configuration
    }
    const plain = node.path === null || node.toolsOnly || page === 'index.html' ? weight : 'weak'
    return [
      ...when(bundler !== null && alone, node.path, `bundled by ${bundler}`, 'strong'),
      marker(page, 'a page without a framework', bundler === null ? plain : weight),
    ]
  },
  variant: project => project.fact(bundlerOf) ?? 'html',
  layout(project, variant) {
    const port = { vite: 5173, parcel: 1234, webpack: 8080 }[variant ?? ''] ?? 8080
    const entry =
      project.fact(htmlEntry) ??
      project.first(...pageEntries('src/main', 'src/index', 'main', 'index', 'script'))
    const page = project.first('index.html', 'src/index.html', 'public/index.html')
    const layout = scriptLayout(project, { framework: null, port, entry: entry ?? page })
    return { ...layout, registerIn: page }
  },
}

export const frontEnds: readonly Framework[] = [react, preact, vue, svelte, angular, solid, lit, vanilla]
