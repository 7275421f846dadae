import { joined, type Project } from '../project.ts'
import type { Marker } from '../types.ts'
import { readNode } from './facts/node.ts'
import { npmMajor } from './facts/version.ts'
import { pageEntries, scriptLayout } from './facts/web.ts'
import { configFile, dependency, type Framework, isSaid, marker, present, when } from './row.ts'

const PAGE = /^(page|route|layout|default|template)\.[jt]sx?$/

/** The folder of the App Router, where there is one that holds pages: other things are called `app` too. */
function appRouter(project: Project): string | null {
  for (const folder of ['app', 'src/app']) {
    if (project.files(folder, PAGE).length > 0) return folder
    // Pages may all be in groups or in a folder for the language: app/(site)/page.tsx, app/[locale]/layout.tsx.
    const groups = project
      .sourceFolders(folder)
      .filter(name => /^[([]/.test(name))
      .slice(0, 12)
    if (groups.some(group => project.files(`${folder}/${group}`, PAGE).length > 0)) return folder
  }
  return null
}

function pagesRouter(project: Project): string | null {
  for (const folder of ['pages', 'src/pages']) {
    if (project.files(folder, /^(_app|_document|index)\.([jt]sx?|mdx?)$|\.page\.[jt]sx?$/).length > 0)
      return folder
    if (project.isFolder(`${folder}/api`) && project.fact(readNode).dependency('next') !== null) return folder
  }
  return null
}

/** A dependency and the folder that only this framework has: together they leave no doubt. */
function withFolder(markers: Marker[], folder: string | null, what: string): Marker[] {
  if (folder === null || markers.length === 0 || isSaid(markers, 'weak')) return markers
  return [marker(folder, what, 'certain'), ...markers]
}

/** What a regex finds in a configuration file: a source folder that was moved. */
function configured(project: Project, name: string, pattern: RegExp): string | null {
  const path = project.first(...configFile(name))
  const found = path === null ? null : (pattern.exec(project.text(path) ?? '')?.[1] ?? null)
  return found === null ? null : joined(found.replace(/^\.?\//, ''), '.').replace(/\/$/, '')
}

const slashed = (folder: string) => (folder === '' ? '' : `${folder}/`)

const nextjs: Framework = {
  id: 'nextjs',
  label: 'Next.js',
  family: 'meta',
  kind: 'full-stack',
  language: 'script',
  port: 3000,
  beats: [],
  variants: ['app-router', 'pages-router'],
  markers(project) {
    const next = dependency(project, 'next', 'strong')
    const configuration = present(project, configFile('next.config'), 'strong')
    const router = project.fact(appRouter) ?? project.fact(pagesRouter)
    return [...withFolder(next, router, 'pages of Next.js'), ...configuration]
  },
  variant: project =>
    project.fact(appRouter) === null && project.fact(pagesRouter) !== null ? 'pages-router' : 'app-router',
  layout(project, variant) {
    const router = variant === 'pages-router' ? 'pages' : 'app'
    const folder = router === 'app' ? project.fact(appRouter) : project.fact(pagesRouter)
    const inSource = folder === null ? project.isFolder('src') : folder.startsWith('src/')
    const place = folder ?? (inSource ? `src/${router}` : router)
    const stems =
      router === 'app' ? [`${place}/page`, `${place}/layout`] : [`${place}/_app`, `${place}/index`]
    const entry = project.first(...pageEntries(...stems))
    const layout = scriptLayout(project, { framework: 'next', port: 3000, entry, jsx: true })
    return { ...layout, source: inSource ? 'src/' : '', router, bundler: undefined }
  },
}

const NUXT = ['nuxt', 'nuxt3', 'nuxt-nightly', 'nuxt-edge', 'nuxi-edge']

const nuxt: Framework = {
  id: 'nuxt',
  label: 'Nuxt',
  family: 'meta',
  kind: 'full-stack',
  language: 'script',
  port: 3000,
  beats: [],
  markers: project => {
    const configuration = present(project, configFile('nuxt.config'), 'strong')
    const named = NUXT.flatMap(name => dependency(project, name, 'strong'))
    const page = project.first('app/app.vue', 'app.vue', 'src/app.vue') ?? configuration[0]?.file ?? null
    return [...withFolder(named, page, 'belongs to Nuxt'), ...configuration]
  },
  layout(project) {
    const framework = NUXT.find(name => project.fact(readNode).dependency(name) !== null) ?? null
    const major = framework === null ? null : framework === 'nuxt3' ? 3 : npmMajor(project, framework)
    const moved = configured(project, 'nuxt.config', /\bsrcDir\s*:\s*["']([^"'$]{1,100})["']/)
    const flat = major !== 4 || project.isFile('app.vue') || project.isFolder('pages')
    const source = moved !== null ? slashed(moved) : project.isFile('app/app.vue') || !flat ? 'app/' : ''
    const entry = project.first(`${source}app.vue`, `${source}pages/index.vue`)
    const layout = scriptLayout(project, { framework, port: 3000, entry, component: 'vue', source })
    return { ...layout, major, bundler: 'vite' }
  },
}

const sveltekit: Framework = {
  id: 'sveltekit',
  label: 'SvelteKit',
  family: 'meta',
  kind: 'full-stack',
  language: 'script',
  port: 5173,
  beats: [],
  markers(project) {
    const kit = dependency(project, '@sveltejs/kit', 'strong')
    return withFolder(kit, project.isFolder('src/routes') ? 'src/routes' : null, 'routes of SvelteKit')
  },
  layout(project) {
    const entry = project.first('src/routes/+page.svelte', 'src/routes/+layout.svelte', 'src/app.html')
    const layout = scriptLayout(project, {
      framework: '@sveltejs/kit',
      port: 5173,
      entry,
      component: 'svelte',
    })
    const runes = (npmMajor(project, 'svelte') ?? 5) >= 5
    return {
      ...layout,
      source: 'src/',
      bundler: 'vite',
      traits: [...layout.traits, ...(runes ? ['runes'] : [])],
    }
  },
}

const astro: Framework = {
  id: 'astro',
  label: 'Astro',
  family: 'meta',
  kind: 'full-stack',
  language: 'script',
  port: 4321,
  beats: [],
  markers(project) {
    const named = dependency(project, 'astro', 'strong')
    const pages = project.isFolder('src/pages') ? 'src/pages' : null
    return [
      ...withFolder(named, pages, 'pages of Astro'),
      ...present(project, configFile('astro.config'), 'strong'),
    ]
  },
  layout(project) {
    const entry = project.first('src/pages/index.astro', 'src/pages/index.mdx', 'src/pages/index.md')
    const layout = scriptLayout(project, {
      framework: 'astro',
      port: 4321,
      entry,
      component: 'astro',
      source: 'src/',
    })
    const file = project.first(...configFile('astro.config'))
    const adapter = /^[ \t]*adapter\s*:|[{,]\s*adapter\s*:/m.test((file && project.text(file)) ?? '')
    return { ...layout, bundler: 'vite', traits: [...layout.traits, ...(adapter ? ['adapter'] : [])] }
  },
}

const gatsby: Framework = {
  id: 'gatsby',
  label: 'Gatsby',
  family: 'meta',
  kind: 'full-stack',
  language: 'script',
  port: 8000,
  beats: [],
  markers(project) {
    const configuration = present(project, configFile('gatsby-config'), 'strong')
    const place = project.isFolder('src/pages') ? 'src/pages' : (configuration[0]?.file ?? null)
    return [
      ...withFolder(dependency(project, 'gatsby', 'strong'), place, 'belongs to Gatsby'),
      ...configuration,
    ]
  },
  layout(project) {
    const entry = project.first(...pageEntries('src/pages/index'))
    return {
      ...scriptLayout(project, { framework: 'gatsby', port: 8000, entry, jsx: true, source: 'src/' }),
      bundler: 'webpack',
    }
  },
}

const reactRouter: Framework = {
  id: 'react-router',
  label: 'React Router',
  family: 'meta',
  kind: 'full-stack',
  language: 'script',
  port: 5173,
  beats: ['remix'],
  markers(project) {
    const named = dependency(project, '@react-router/dev', 'strong')
    const configuration = present(project, configFile('react-router.config'), 'strong')
    const place = project.first('app/routes.ts', 'app/routes.js', 'app/root.tsx', 'app/root.jsx')
    return [
      ...withFolder(named, place ?? configuration[0]?.file ?? null, 'belongs to React Router'),
      ...configuration,
    ]
  },
  layout(project) {
    const source = slashed(
      configured(project, 'react-router.config', /\bappDirectory\s*:\s*["']([^"']{1,100})["']/) ?? 'app',
    )
    const entry = project.first(...pageEntries(`${source}root`))
    const layout = scriptLayout(project, {
      framework: '@react-router/dev',
      port: 5173,
      entry,
      jsx: true,
      source,
    })
    const registerIn = project.first(`${source}routes.ts`, `${source}routes.js`)
    const flat = registerIn !== null && /\bflatRoutes\s*\(/.test(project.text(registerIn) ?? '')
    return {
      ...layout,
      registerIn,
      bundler: 'vite',
      traits: [...layout.traits, ...(flat ? ['flat-routes'] : [])],
    }
  },
}

const remix: Framework = {
  id: 'remix',
  label: 'Remix',
  family: 'meta',
  kind: 'full-stack',
  language: 'script',
  port: 5173,
  beats: [],
  variants: ['vite', 'classic'],
  markers(project) {
    const named = dependency(project, '@remix-run/react', 'strong')
    const tools = dependency(project, '@remix-run/dev', 'strong')
    const place = project.first('remix.config.js', 'app/root.tsx', 'app/root.jsx', 'app/root.js')
    const both = named.length > 0 && tools.length > 0 ? withFolder(named, place, 'belongs to Remix') : named
    return [...both, ...tools, ...present(project, configFile('remix.config'), 'strong')]
  },
  variant: project => (project.files('', /^vite\.config\./).length > 0 ? 'vite' : 'classic'),
  layout(project, variant) {
    const source = slashed(
      configured(project, 'remix.config', /\bappDirectory\s*:\s*["']([^"']{1,100})["']/) ?? 'app',
    )
    const entry = project.first(...pageEntries(`${source}root`))
    const port = variant === 'classic' ? 3000 : 5173
    const layout = scriptLayout(project, { framework: '@remix-run/react', port, entry, jsx: true, source })
    const bundler = variant === 'classic' ? 'esbuild' : 'vite'
    return { ...layout, bundler, traits: [...layout.traits, 'flat-routes'] }
  },
}

const solidstart: Framework = {
  id: 'solidstart',
  label: 'SolidStart',
  family: 'meta',
  kind: 'full-stack',
  language: 'script',
  port: 3000,
  beats: [],
  markers(project) {
    const place = project.first(
      'app.config.ts',
      'app.config.js',
      ...pageEntries('src/app', 'src/entry-server'),
    )
    return withFolder(dependency(project, '@solidjs/start', 'strong'), place, 'belongs to SolidStart')
  },
  layout(project) {
    const entry = project.first(...pageEntries('src/app', 'src/routes/index'))
    return {
      ...scriptLayout(project, { framework: '@solidjs/start', port: 3000, entry, jsx: true, source: 'src/' }),
      bundler: 'vite',
    }
  },
}

const QWIK_CITY = ['@builder.io/qwik-city', '@qwik.dev/router']
const QWIK = ['@builder.io/qwik', '@qwik.dev/core']

const qwik: Framework = {
  id: 'qwik',
  label: 'Qwik',
  family: 'meta',
  kind: 'full-stack',
  language: 'script',
  port: 5173,
  beats: [],
  variants: ['city', 'vite'],
  markers(project) {
    const city = QWIK_CITY.flatMap(name => dependency(project, name, 'certain'))
    const alone = QWIK.flatMap(name => dependency(project, name, 'strong'))
    const entry = project.first(...pageEntries('src/entry.ssr', 'src/root'))
    return [
      ...city,
      ...alone,
      ...when(alone.length > 0 && entry !== null, entry, 'belongs to Qwik', 'strong'),
    ]
  },
  variant: project =>
    QWIK_CITY.some(name => project.fact(readNode).dependency(name) !== null) ? 'city' : 'vite',
  layout(project) {
    const framework = QWIK.find(name => project.fact(readNode).dependency(name) !== null) ?? null
    const entry = project.first(...pageEntries('src/root', 'src/main'))
    const layout = scriptLayout(project, { framework, port: 5173, entry, jsx: true, source: 'src/' })
    const isSecond = framework?.startsWith('@qwik.dev/') === true
    return { ...layout, bundler: 'vite', traits: [...layout.traits, ...(isSecond ? ['qwik-2'] : [])] }
  },
}

const tanstackStart: Framework = {
  id: 'tanstack-start',
  label: 'TanStack Start',
  family: 'meta',
  kind: 'full-stack',
  language: 'script',
  port: 3000,
  beats: [],
  markers(project) {
    const place = project.first(...pageEntries('src/router', 'src/routes/__root', 'app/router'))
    const names = ['@tanstack/react-start', '@tanstack/start']
    return names.flatMap(name =>
      withFolder(dependency(project, name, 'strong'), place, 'belongs to TanStack Start'),
    )
  },
  layout(project) {
    const source = project.isFolder('src') || !project.isFolder('app') ? 'src/' : 'app/'
    const entry = project.first(...pageEntries(`${source}routes/__root`, `${source}router`))
    const framework = '@tanstack/react-start'
    return {
      ...scriptLayout(project, { framework, port: 3000, entry, jsx: true, source }),
      bundler: 'vite',
    }
  },
}

export const metaFrameworks: readonly Framework[] = [
  nextjs,
  nuxt,
  sveltekit,
  astro,
  gatsby,
  reactRouter,
  remix,
  solidstart,
  qwik,
  tanstackStart,
]
