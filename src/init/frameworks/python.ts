import type { Project } from '../project.ts'
import type { Layout, Marker } from '../types.ts'
import { portInCode } from './facts/port.ts'
import { packageOf, pythonEntries, readPython, requirementsFile } from './facts/python.ts'
import { type Framework, marker, when } from './row.ts'

function packageMarker(project: Project, name: string): Marker[] {
  const file = project.fact(readPython).packages.get(name)
  return file === undefined ? [] : [marker(file, `dependency ${name}`, 'strong')]
}

/** `name = Class(`, not in a comment, with the class imported from its package or through it. */
function instance(text: string, className: string): string | null {
  const pattern = new RegExp(
    `^[ \\t]*(\\w{1,90})[ \\t]*(?::[^=\\n]{1,80})?=[ \\t]*(?:\\w{1,90}\\.)?${className}\\(`,
    'm',
  )
  return pattern.exec(text)?.[1] ?? null
}

function application(project: Project, className: string): { path: string; name: string } | null {
  for (const path of project.fact(pythonEntries)) {
    const text = project.text(path)
    const name = text === null || !text.includes(className) ? null : instance(text, className)
    if (name !== null) return { path, name }
  }
  return null
}

function fastApplication(project: Project) {
  return application(project, 'FastAPI')
}

function flaskApplication(project: Project) {
  return application(project, 'Flask')
}

/** A Flask application inside of FastAPI is a part of it. */
function mountsFlask(project: Project): boolean {
  const path = project.fact(fastApplication)?.path
  return path !== undefined && /\bWSGIMiddleware\b/.test(project.text(path) ?? '')
}

function pythonLayout(
  project: Project,
  found: { path: string; name: string } | null,
  port: number,
): Partial<Layout> {
  const entry = found?.path ?? project.fact(pythonEntries)[0] ?? null
  const facts = project.fact(readPython)
  return {
    source: entry === null ? '' : entry.replace(/[^/]*$/, ''),
    entry,
    extension: 'py',
    manifest:
      facts.manifests[0] === 'pyproject.toml'
        ? 'pyproject.toml'
        : (requirementsFile(project) ?? facts.manifests[0] ?? null),
    registerIn: entry,
    port: (entry === null ? null : portInCode(project, entry)) ?? port,
    pythonPackage: packageOf(project, entry),
    pythonApp: found?.name ?? null,
    modules: undefined,
  }
}

/** The folder and package of Django's settings, as manage.py names them. */
function djangoSettings(project: Project): string | null {
  const text = project.text('manage.py') ?? ''
  return /DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]{1,200})["']/.exec(text)?.[1] ?? null
}

const django: Framework = {
  id: 'django',
  label: 'Django',
  family: 'platform',
  kind: 'back-end',
  language: 'python',
  port: 8000,
  beats: ['fastapi', 'flask', 'python'],
  markers(project) {
    const manage = /DJANGO_SETTINGS_MODULE|django\.core\.management/.test(project.text('manage.py') ?? '')
    return [...when(manage, 'manage.py', 'runs Django', 'certain'), ...packageMarker(project, 'django')]
  },
  layout(project) {
    const settings = djangoSettings(project)
    const top = settings?.split('.')[0] ?? null
    const places = [...(top === null ? [] : [top]), ...project.sourceFolders('').slice(0, 30)]
    const registerIn = project.first(...places.map(folder => `${folder}/urls.py`), 'urls.py')
    return {
      ...pythonLayout(project, null, 8000),
      source: '',
      entry: project.first('manage.py'),
      registerIn,
      pythonPackage: registerIn === null ? (top ?? '') : packageOf(project, registerIn),
      port: 8000,
      traits: project.sourceFolders('').some(folder => project.isFile(`${folder}/apps.py`))
        ? ['namespaced']
        : [],
    }
  },
}

const fastapi: Framework = {
  id: 'fastapi',
  label: 'FastAPI',
  family: 'service',
  kind: 'back-end',
  language: 'python',
  port: 8000,
  beats: ['python'],
  markers(project) {
    const found = project.fact(fastApplication)
    return [
      ...when(found !== null, found?.path ?? null, 'makes a FastAPI application', 'certain'),
      ...packageMarker(project, 'fastapi'),
    ]
  },
  layout: project => pythonLayout(project, project.fact(fastApplication), 8000),
}

const flask: Framework = {
  id: 'flask',
  label: 'Flask',
  family: 'service',
  kind: 'back-end',
  language: 'python',
  port: 5000,
  beats: ['python'],
  markers(project) {
    const found = project.fact(flaskApplication)
    const inside = project.fact(mountsFlask)
    const markers = [
      ...when(found !== null, found?.path ?? null, 'makes a Flask application', 'certain'),
      ...packageMarker(project, 'flask'),
    ]
    return inside ? markers.map(one => ({ ...one, weight: 'weak' })) : markers
  },
  layout: project => pythonLayout(project, project.fact(flaskApplication), 5000),
}

const python: Framework = {
  id: 'python',
  label: 'Python',
  family: 'general',
  kind: 'back-end',
  language: 'python',
  port: 8000,
  beats: [],
  markers(project) {
    const { manifests } = project.fact(readPython)
    const plain = project.first('main.py', 'app.py', '__main__.py', 'src/main.py')
    return [
      ...manifests.slice(0, 2).map(file => marker(file, 'is there', 'strong')),
      ...when(manifests.length === 0, plain, 'is there', 'strong').filter(({ file }) => file !== '.'),
    ]
  },
  layout: project => pythonLayout(project, null, 8000),
}

export const pythonFrameworks: readonly Framework[] = [django, fastapi, flask, python]
