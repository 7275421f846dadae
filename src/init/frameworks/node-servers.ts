import { joined, type Project } from '../project.ts'
import type { Language, Layout, Marker } from '../types.ts'
import { importsOf, nodeEntries, readNode } from './facts/node.ts'
import { hasOtherLanguage } from './facts/others.ts'
import { withoutComments } from './facts/text.ts'
import { isTypeScript } from './facts/typescript.ts'
import { serverLayout } from './facts/web.ts'
import { dependency, type Framework, marker, present, when } from './row.ts'

/** How each of them makes its application object. */
const SERVERS: Readonly<Record<string, { name: string; made: RegExp }>> = {
  express: {
    name: 'express',
    made: /\b(\w{1,60})\s{0,9}(?::\s{0,9}[\w.<>]{1,90}\s{0,9})?=\s{0,9}express\s*\(/,
  },
  fastify: {
    name: 'fastify',
    made: /\b(\w{1,60})\s{0,9}(?::\s{0,9}[\w.<>]{1,90}\s{0,9})?=\s{0,9}(?:await\s{1,9})?(?:[Ff]astify|require\(['"]fastify['"]\))\s{0,9}(?:<[^<>]{0,90}>)?\(/,
  },
  koa: {
    name: 'koa',
    made: /\b(\w{1,60})\s{0,9}(?::\s{0,9}[\w.<>]{1,90}\s{0,9})?=\s{0,9}new\s+(?:Koa|Application)\b/,
  },
  hono: {
    name: 'hono',
    made: /\b(\w{1,60})\s{0,9}(?::\s{0,9}[\w.<>]{1,90}\s{0,9})?=\s{0,9}new\s+(?:Hono|OpenAPIHono)\b/,
  },
  elysia: {
    name: 'elysia',
    made: /\b(\w{1,60})\s{0,9}(?::\s{0,9}[\w.<>]{1,90}\s{0,9})?=\s{0,9}new\s+Elysia\b/,
  },
}

/** The frameworks that the entries import, with the file; of several the one that listens comes alone. */
function importedServers(project: Project): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const listening = new Set<string>()
  for (const path of project.fact(entriesOf)) {
    const text = project.text(path)
    for (const [id, { name, made }] of Object.entries(SERVERS)) {
      if (!importsOf(text, name)) continue
      if (!found.has(id)) found.set(id, path)
      if (listens(withoutComments(text ?? ''), made)) listening.add(id)
    }
  }
  if (found.size < 2 || listening.size !== 1) return found
  return new Map([...found].filter(([id]) => listening.has(id)))
}

/** True where the object that is made here is the one that takes the connections. */
function listens(text: string, made: RegExp): boolean {
  const name = made.exec(text)?.[1]
  if (name === undefined) return false
  return new RegExp(
    `\\b${name}\\s*\\.(?:listen|fire)\\s*\\(|\\bserve\\s*\\(\\s*(?:${name}\\b|\\{[^{}]{0,300}\\b${name}\\b)|export\\s+default\\s+${name}\\b|createServer\\s*\\(\\s*${name}\\b|\\b${name}\\.callback\\(`,
  ).test(text)
}

const DENO_ENTRIES = ['main.ts', 'mod.ts', 'server.ts', 'index.ts', 'main.js', 'src/main.ts', 'main.tsx']

function entriesOf(project: Project): readonly string[] {
  const deno = DENO_ENTRIES.filter(path => project.isFile(path))
  return [...new Set([...nodeEntries(project), ...deno])]
}

function serverMarkers(project: Project, id: string): Marker[] {
  const name = SERVERS[id]?.name ?? id
  const node = project.fact(readNode)
  const imported = project.fact(importedServers)
  const path = imported.get(id)
  // Two of them in one package: what another one was found to listen beside is a part of it at most.
  const other = imported.size > 0 && path === undefined
  const named = dependency(project, name, other ? 'weak' : 'strong', 'weak')
  if (path === undefined) return named
  const certain = node.dependency(name) === 'runtime' || (node.path === null && denoImports(project, name))
  return [marker(path, `imports ${name}`, certain ? 'certain' : 'strong'), ...named]
}

/** A server as a row; what differs is how it is found beside the import, and its variant. */
function server(id: string, label: string, port: number, more: Partial<Framework> = {}): Framework {
  return {
    id,
    label,
    family: 'javascript',
    kind: 'back-end',
    language: 'script',
    port,
    beats: ['node', 'deno', 'bun'],
    markers: project => serverMarkers(project, id),
    layout: project => denoLayout(project, serverLayout(project, SERVERS[id]?.name ?? id, port)),
    ...more,
  }
}

function denoConfiguration(project: Project): { path: string; value: Record<string, unknown> } | null {
  for (const path of ['deno.json', 'deno.jsonc']) {
    const value = project.json(path, true)
    if (value !== null) return { path, value }
  }
  return null
}

function denoImports(project: Project, name: string): boolean {
  const imports = project.fact(denoConfiguration)?.value.imports
  const places = typeof imports === 'object' && imports !== null ? Object.entries(imports) : []
  const named = places.some(
    ([alias, place]) => alias === name || (typeof place === 'string' && place.includes(name)),
  )
  return named || project.fact(denoConfiguration) !== null
}

/** Where Deno's own configuration is the manifest. */
function denoLayout(project: Project, layout: Partial<Layout> & { traits: string[] }): Partial<Layout> {
  const deno = project.fact(denoConfiguration)
  if (deno === null || project.fact(readNode).path !== null) return layout
  const entry = project.fact(entriesOf)[0] ?? null
  return { ...layout, entry, registerIn: entry, manifest: deno.path, modules: 'esm' }
}

/** Deno reads TypeScript as it is: only the sources tell. */
function denoLanguage(project: Project): Language {
  const entry = project.fact(entriesOf)[0]
  if (entry === undefined) return 'typescript'
  return /\.(?:[cm]?ts|tsx)$/.test(entry) ? 'typescript' : 'javascript'
}

const nestjs: Framework = server('nestjs', 'NestJS', 3000, {
  // It runs on one of the two.
  beats: ['express', 'fastify', 'node', 'bun'],
  markers(project) {
    const named = dependency(project, '@nestjs/core', 'strong')
    const main = project.first('src/main.ts', 'src/main.js', 'main.ts')
    return [
      ...when(named.length > 0 && main !== null, main, 'starts NestJS', 'certain'),
      ...named,
      ...present(project, ['nest-cli.json'], 'strong'),
    ]
  },
  layout(project) {
    const layout = serverLayout(project, '@nestjs/core', 3000)
    const entry = project.first('src/main.ts', 'src/main.js', 'main.ts') ?? layout.entry ?? null
    const folder = entry === null ? 'src/' : entry.replace(/[^/]*$/, '')
    const registerIn = project.first(joined(folder, 'app.module.ts'), joined(folder, 'app/app.module.ts'))
    return {
      ...layout,
      entry,
      source: folder,
      registerIn,
      extension: entry?.endsWith('.js') === true ? 'js' : 'ts',
    }
  },
})

const fastify = server('fastify', 'Fastify', 3000, {
  markers(project) {
    const { scripts, dependency: has } = project.fact(readNode)
    const started = Object.values(scripts).some(script => /\bfastify start\b/.test(script))
    const weight = has('fastify') === 'runtime' ? 'certain' : 'strong'
    return [
      ...when(started, 'package.json', 'a script runs fastify start', weight),
      ...serverMarkers(project, 'fastify'),
    ]
  },
  layout(project) {
    const layout = serverLayout(project, 'fastify', 3000)
    // Its own generator writes a plug-in, which `fastify start` loads.
    const plugin = project.first('src/app.ts', 'src/app.js', 'app.js', 'app.ts')
    const entry = layout.entry ?? plugin
    const source = entry?.startsWith('src/') === true ? 'src/' : ''
    const extension = /\.(\w+)$/.exec(entry ?? '')?.[1] ?? layout.extension
    const loads = project.fact(readNode).dependency('@fastify/autoload') !== null
    const traits = loads && project.isFolder(joined(source, 'routes')) ? ['autoload'] : []
    return { ...layout, entry, source, registerIn: entry, extension, traits: [...layout.traits, ...traits] }
  },
})

const hono = server('hono', 'Hono', 3000, {
  variants: ['node', 'workers', 'bun', 'deno'],
  markers(project) {
    const workers = project.first('wrangler.toml', 'wrangler.json', 'wrangler.jsonc')
    const { dependency: has } = project.fact(readNode)
    return [
      ...when(has('hono') === 'runtime' && workers !== null, workers, 'a Worker with Hono', 'certain'),
      ...serverMarkers(project, 'hono'),
    ]
  },
  variant(project) {
    const node = project.fact(readNode)
    if (project.first('wrangler.toml', 'wrangler.json', 'wrangler.jsonc') !== null) return 'workers'
    if (node.dependency('@hono/node-server') !== null) return 'node'
    if (project.fact(denoConfiguration) !== null) return 'deno'
    return project.first('bun.lock', 'bun.lockb') !== null || usesBun(project) ? 'bun' : 'node'
  },
  languageOf: project =>
    project.fact(readNode).path === null
      ? denoLanguage(project)
      : project.fact(isTypeScript)
        ? 'typescript'
        : 'javascript',
})

const usesBun = (project: Project) => {
  const node = project.fact(readNode)
  return ['@types/bun', 'bun-types'].some(name => node.dependency(name) !== null)
}

const node: Framework = server('node', 'Node.js', 3000, {
  family: 'general',
  beats: [],
  markers(project) {
    const facts = project.fact(readNode)
    if (facts.path === null) return []
    if (facts.inherited) return [marker(facts.path, 'a package.json above', 'weak')]
    if (project.json(facts.path) === null) return []
    const { manifest, toolsOnly } = facts
    const holder = manifest.workspaces !== undefined || project.isFile('pnpm-workspace.yaml')
    const entry = project.fact(nodeEntries)[0] ?? null
    // It may only hold packages together, or the tools of a program in another language.
    const idle = toolsOnly && (holder || (project.fact(hasOtherLanguage) && entry === null))
    return [
      marker(facts.path, 'is there', idle ? 'weak' : 'strong'),
      ...when(entry !== null && !idle, entry, 'is there', 'weak'),
    ]
  },
  layout: project => serverLayout(project, null, 3000),
})

const deno: Framework = server('deno', 'Deno', 8000, {
  family: 'general',
  beats: ['node'],
  markers(project) {
    const configuration = project.fact(denoConfiguration)
    const entry = project.fact(entriesOf).find(path => /\bDeno\.serve\s*\(/.test(project.text(path) ?? ''))
    const packages = project.fact(readNode).path !== null
    return [
      ...when(
        entry !== undefined,
        entry ?? null,
        'calls Deno.serve',
        packages && configuration === null ? 'strong' : 'certain',
      ),
      ...when(configuration !== null, configuration?.path ?? null, 'is there', packages ? 'weak' : 'strong'),
    ]
  },
  languageOf: denoLanguage,
  layout: project => denoLayout(project, { ...serverLayout(project, null, 8000), modules: 'esm' }),
})

const bun: Framework = server('bun', 'Bun', 3000, {
  family: 'general',
  beats: ['node'],
  markers(project) {
    const lock = project.first('bun.lock', 'bun.lockb')
    const entry = project.fact(entriesOf).find(path => /\bBun\.serve\s*[(<]/.test(project.text(path) ?? ''))
    return [
      ...when(entry !== undefined, entry ?? null, 'calls Bun.serve', 'certain'),
      ...when(lock !== null && usesBun(project), lock, 'with the types of Bun', 'strong'),
    ]
  },
  layout: project => serverLayout(project, null, 3000),
})

export const nodeServers: readonly Framework[] = [
  nestjs,
  server('express', 'Express', 3000),
  fastify,
  server('koa', 'Koa', 3000),
  hono,
  server('elysia', 'Elysia', 3000),
  deno,
  bun,
  node,
]
