import type { Project } from '../project.ts'
import type { Layout } from '../types.ts'
import { readNode } from './facts/node.ts'
import { portInCode } from './facts/port.ts'
import { type Framework, marker, when } from './row.ts'

/** The gems that a Gemfile names, and those of the lock file that it asks for itself. */
function gemsOf(project: Project): ReadonlySet<string> {
  const text = project.text('Gemfile') ?? ''
  const named = [...text.matchAll(/^[ \t]*gem[ \t(]+["']([\w.-]{1,100})["']/gm)].map(match => match[1] ?? '')
  return new Set(named)
}

function lockedMajor(project: Project, gem: string): number | null {
  const major = new RegExp(`^    ${gem} \\((\\d+)`, 'm').exec(project.text('Gemfile.lock') ?? '')?.[1]
  const asked = new RegExp(`^[ \\t]*gem[ \\t(]+["']${gem}["'],\\s*["'][^\\d"']*(\\d+)`, 'm').exec(
    project.text('Gemfile') ?? '',
  )?.[1]
  return Number(major ?? asked ?? Number.NaN) || null
}

/** A Gemfile for tools of another project: CocoaPods, fastlane, a Jekyll site. */
function servesTools(project: Project): boolean {
  const gems = project.fact(gemsOf)
  const node = project.fact(readNode)
  const tools = ['cocoapods', 'fastlane', 'jekyll', 'github-pages', 'xcpretty', 'xcode-install']
  return node.dependency('react-native') !== null || tools.some(gem => gems.has(gem))
}

const rubyLayout = (project: Project, entry: string | null, port: number): Partial<Layout> => ({
  source: '',
  entry,
  extension: 'rb',
  manifest: project.first('Gemfile'),
  registerIn: entry,
  port: (entry === null ? null : portInCode(project, entry)) ?? port,
})

const rails: Framework = {
  id: 'rails',
  label: 'Ruby on Rails',
  family: 'platform',
  kind: 'full-stack',
  language: 'ruby',
  port: 3000,
  beats: ['ruby', 'sinatra'],
  markers(project) {
    const application = /\bRails::Application\b/.test(project.text('config/application.rb') ?? '')
    const gem = project.fact(gemsOf).has('rails')
    return [
      ...when(application, 'config/application.rb', 'is a Rails application', 'certain'),
      ...when(gem, 'Gemfile', 'gem rails', 'strong'),
      ...when(project.isFile('bin/rails'), 'bin/rails', 'is there', 'strong'),
    ]
  },
  layout(project) {
    const module =
      /^[ \t]*module[ \t]+(\w{1,90})/m.exec(project.text('config/application.rb') ?? '')?.[1] ?? null
    return {
      ...rubyLayout(project, project.first('config/application.rb'), 3000),
      source: 'app/',
      registerIn: project.first('config/routes.rb'),
      major: lockedMajor(project, 'rails'),
      port: 3000,
      webModule: module,
    }
  },
}

const SINATRA_FILES = [
  'app.rb',
  'main.rb',
  'server.rb',
  'web.rb',
  'application.rb',
  'app/app.rb',
  'lib/app.rb',
]

function sinatraEntry(project: Project): string | null {
  const files = [...SINATRA_FILES, ...project.files('', /\.rb$/).slice(0, 20)].filter(path =>
    project.isFile(path),
  )
  return (
    files.find(path => /require\s+["']sinatra|Sinatra::(Base|Application)/.test(project.text(path) ?? '')) ??
    null
  )
}

const sinatra: Framework = {
  id: 'sinatra',
  label: 'Sinatra',
  family: 'service',
  kind: 'back-end',
  language: 'ruby',
  port: 4567,
  beats: ['ruby'],
  markers(project) {
    const gem = [...project.fact(gemsOf)].find(name => /^sinatra(-|$)/.test(name))
    const entry = project.fact(sinatraEntry)
    const rack = project.first('config.ru')
    return [
      ...when(
        gem !== undefined && (rack !== null || entry !== null),
        rack ?? entry,
        `starts ${gem}`,
        'certain',
      ),
      ...when(gem !== undefined, 'Gemfile', `gem ${gem}`, 'strong'),
      ...when(gem === undefined && entry !== null, entry, 'uses Sinatra', 'strong'),
    ]
  },
  layout(project) {
    const entry = project.fact(sinatraEntry)
    const port = project.isFile('config.ru') ? 9292 : 4567
    return { ...rubyLayout(project, entry, port), major: lockedMajor(project, 'sinatra') }
  },
}

const ruby: Framework = {
  id: 'ruby',
  label: 'Ruby',
  family: 'general',
  kind: 'back-end',
  language: 'ruby',
  port: 9292,
  beats: [],
  markers(project) {
    const weight = project.fact(servesTools) ? 'weak' : 'strong'
    const gemspec = project.files('', /\.gemspec$/)[0]
    return [
      ...when(project.isFile('Gemfile'), 'Gemfile', 'is there', weight),
      ...(gemspec === undefined ? [] : [marker(gemspec, 'is there', weight)]),
      ...when(project.isFile('config.ru') && !project.isFile('Gemfile'), 'config.ru', 'is there', 'strong'),
    ]
  },
  layout(project) {
    const entry = project.first(...SINATRA_FILES, 'config.ru') ?? project.files('', /\.rb$/)[0] ?? null
    return rubyLayout(project, entry, 9292)
  },
}

export const rubyFrameworks: readonly Framework[] = [rails, sinatra, ruby]
