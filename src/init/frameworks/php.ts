import { isObject } from '../../is-object.ts'
import type { Project } from '../project.ts'
import type { Layout } from '../types.ts'
import { type Framework, marker, present, when } from './row.ts'

function composerRequire(project: Project): Record<string, unknown> {
  const required = project.json('composer.json')?.require
  return isObject(required) ? required : {}
}

const requires = (project: Project, name: string) => Object.hasOwn(project.fact(composerRequire), name)

function composerMajor(project: Project, name: string): number | null {
  const range = requires(project, name) ? project.fact(composerRequire)[name] : null
  const digits = typeof range === 'string' ? /^[^\d]*(\d{1,4})/.exec(range)?.[1] : undefined
  return digits === undefined ? null : Number(digits)
}

function php(
  id: string,
  label: string,
  kind: {
    name: string
    family: 'platform' | 'service'
    port: number
    full?: boolean
    /** The file that only this framework has. */
    certain: (project: Project) => string | null
    layout: (project: Project) => Partial<Layout>
  },
): Framework {
  return {
    id,
    label,
    family: kind.family,
    kind: kind.full === true ? 'full-stack' : 'back-end',
    language: 'php',
    port: kind.port,
    beats: ['php'],
    markers(project) {
      if (!requires(project, kind.name)) return []
      const file = kind.certain(project)
      return [
        ...when(file !== null, file, `belongs to ${label}`, 'certain'),
        marker('composer.json', `requires ${kind.name}`, 'strong'),
      ]
    },
    layout: project => ({
      extension: 'php',
      manifest: 'composer.json',
      major: composerMajor(project, kind.name),
      port: kind.port,
      ...kind.layout(project),
    }),
  }
}

const laravel = php('laravel', 'Laravel', {
  name: 'laravel/framework',
  family: 'platform',
  port: 8000,
  full: true,
  certain: project => project.first('artisan'),
  layout(project) {
    const api = project.first('routes/api.php')
    const entry = project.first('bootstrap/app.php')
    return {
      source: 'app/',
      entry,
      registerIn: api ?? project.first('routes/web.php'),
      traits: api === null ? [] : ['api-routes'],
    }
  },
})

const symfony = php('symfony', 'Symfony', {
  name: 'symfony/framework-bundle',
  family: 'platform',
  port: 8000,
  full: true,
  certain: project => project.first('bin/console', 'config/bundles.php', 'symfony.lock'),
  layout: project => ({
    source: 'src/',
    entry: project.first('src/Kernel.php', 'public/index.php'),
    registerIn: project.first('config/routes.yaml'),
  }),
})

const slim = php('slim', 'Slim', {
  name: 'slim/slim',
  family: 'service',
  port: 8080,
  certain(project) {
    const files = ['public/index.php', 'index.php', 'app/routes.php']
    return files.find(path => /Slim\\|AppFactory/.test(project.text(path) ?? '')) ?? null
  },
  layout: project => ({
    source: project.isFolder('src') ? 'src/' : '',
    entry: project.first('public/index.php', 'index.php'),
    registerIn: project.first('app/routes.php', 'public/index.php', 'index.php'),
  }),
})

const plainPhp: Framework = {
  id: 'php',
  label: 'PHP',
  family: 'general',
  kind: 'back-end',
  language: 'php',
  port: 8000,
  beats: [],
  markers: project => [
    ...present(project, ['composer.json'], 'strong'),
    ...when(
      !project.isFile('composer.json'),
      project.first('index.php', 'public/index.php'),
      'is there',
      'strong',
    ).filter(({ file }) => file !== '.'),
  ],
  layout(project) {
    const entry = project.first('public/index.php', 'index.php')
    const source = project.isFolder('src') ? 'src/' : ''
    return {
      source,
      entry,
      extension: 'php',
      manifest: project.first('composer.json'),
      registerIn: entry,
      port: 8000,
    }
  },
}

export const phpFrameworks: readonly Framework[] = [laravel, symfony, slim, plainPhp]
