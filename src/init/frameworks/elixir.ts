import type { Project } from '../project.ts'
import type { Layout } from '../types.ts'
import { type Framework, present, when } from './row.ts'

const mixFile = (project: Project) => (project.text('mix.exs') ?? '').replaceAll(/^[ \t]*#.*$/gm, '')

function webRouter(project: Project): string | null {
  const folder = project.sourceFolders('lib').find(name => project.isFile(`lib/${name}/router.ex`))
  return folder === undefined ? null : `lib/${folder}/router.ex`
}

function elixirLayout(project: Project): Partial<Layout> {
  const application = /\bapp:\s*:(\w{1,100})/.exec(project.fact(mixFile))?.[1] ?? null
  const router = project.fact(webRouter)
  const webModule = /defmodule\s+([\w.]{1,200})\.Router\b/.exec(
    router === null ? '' : (project.text(router) ?? ''),
  )?.[1]
  const settings = project.text('config/dev.exs') ?? ''
  const port = /\bport:\s*(?:String\.to_integer\([^)\n]{0,200}["'])?(\d{2,5})/.exec(settings)?.[1]
  return {
    source: 'lib/',
    entry:
      router ??
      (application === null
        ? null
        : project.first(`lib/${application}/application.ex`, `lib/${application}.ex`)),
    extension: 'ex',
    manifest: 'mix.exs',
    registerIn: router,
    port: port === undefined ? 4000 : Number(port),
    application,
    webModule: webModule ?? null,
  }
}

const phoenix: Framework = {
  id: 'phoenix',
  label: 'Phoenix',
  family: 'platform',
  kind: 'full-stack',
  language: 'elixir',
  port: 4000,
  beats: ['elixir'],
  markers: project => [
    ...when(/\{\s*:phoenix\s*,/.test(project.fact(mixFile)), 'mix.exs', 'dependency :phoenix', 'certain'),
    ...when(
      project.fact(webRouter) !== null && project.isFile('mix.exs'),
      project.fact(webRouter),
      'is there',
      'strong',
    ),
  ],
  layout(project) {
    const major = /\{\s*:phoenix\s*,\s*"[^\d"]*(\d+)/.exec(project.fact(mixFile))?.[1]
    return { ...elixirLayout(project), major: major === undefined ? null : Number(major) }
  },
}

const elixir: Framework = {
  id: 'elixir',
  label: 'Elixir',
  family: 'general',
  kind: 'back-end',
  language: 'elixir',
  port: 4000,
  beats: [],
  markers: project =>
    present(project, ['mix.exs'], /\bapps_path:/.test(project.fact(mixFile)) ? 'weak' : 'strong'),
  layout: elixirLayout,
}

export const elixirFrameworks: readonly Framework[] = [phoenix, elixir]
