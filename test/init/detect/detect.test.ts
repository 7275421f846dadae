import { describe, expect, it } from 'vitest'
import { detectProject } from '../../../src/init/detect.ts'
import { FRAMEWORKS } from '../../../src/init/frameworks/table.ts'
import type { Detection } from '../../../src/init/types.ts'
import { oddProjects } from './odd-projects.ts'
import { otherProjects } from './other-projects.ts'
import { scriptProjects } from './script-projects.ts'
import { type Case, withTree } from './tree.ts'

async function check({ files, within = '', expect: wanted }: Case) {
  const found = await withTree(files, folder => detectProject(`${folder}/${within}`, { env: {} }))
  const { layout, manager, monorepo, packages, candidates, warnings, ...plain } = wanted
  expect(found).toMatchObject(plain)
  if (layout !== undefined) expect(found.layout).toMatchObject(layout)
  if (manager !== undefined) expect(found.manager).toMatchObject(manager)
  if (monorepo === null) expect(found.monorepo).toBeNull()
  else if (monorepo !== undefined) expect(found.monorepo).toMatchObject(monorepo)
  if (candidates !== undefined) expect(found.candidates.map(({ framework }) => framework)).toEqual(candidates)
  if (packages !== undefined)
    expect(Object.fromEntries(found.packages.map(({ folder, framework }) => [folder, framework]))).toEqual(
      packages,
    )
  expect(found.warnings).toHaveLength(warnings?.length ?? found.warnings.length)
  warnings?.forEach((pattern, place) => {
    expect(found.warnings[place]).toMatch(pattern)
  })
  expectSound(found)
}

/** What holds of every answer. */
function expectSound(found: Detection) {
  expect(JSON.parse(JSON.stringify(found))).toEqual(JSON.parse(JSON.stringify({ ...found })))
  expect(found.framework === null).toBe(found.layout === null)
  expect(found.confidence).toBeGreaterThanOrEqual(0)
  expect(found.confidence).toBeLessThan(1)
  expect(found.framework !== null).toBe(found.confidence > 0)
  expect(found.typescript).toBe(found.language === 'typescript')
  expect(found.manager?.id ?? null).toBe(found.packageManager)
  if (found.framework !== null) expect(found.candidates[0]?.framework).toBe(found.framework)
  const fitting = found.candidates.filter(({ fits }) => fits)
  expect(fitting.length === 1).toBe(found.framework !== null)
  expect(found.candidates.slice(0, fitting.length)).toEqual(fitting)
  for (const text of [...found.markers, ...found.candidates.flatMap(({ markers }) => markers)])
    expect(text.file).not.toMatch(/^\/|\\/)
  expect(new Set(found.warnings).size).toBe(found.warnings.length)
}

describe('detection knows', () => {
  it.each(scriptProjects)('$name', check)
  it.each(otherProjects)('$name', check)
})

describe('detection does not guess:', () => {
  it.each(oddProjects)('$name', check)
})

describe('the table of frameworks', () => {
  it('has every id that the command takes, once', () => {
    // frameworks.md section 8.
    const ids =
      'nextjs react preact vue nuxt svelte sveltekit angular ionic-angular ionic-react ionic-vue react-router remix gatsby astro solid solidstart qwik tanstack-start lit vanilla react-native expo flutter node express fastify koa nestjs hono elysia deno bun python django fastapi flask go gin echo fiber chi ruby rails sinatra java spring-boot quarkus micronaut kotlin ktor android swift dotnet aspnetcore blazor php laravel symfony slim rust axum actix rocket elixir phoenix'
    expect(FRAMEWORKS.map(({ id }) => id).sort()).toEqual(ids.split(' ').sort())
  })

  it('has a project in the tests for every id', () => {
    const tested = new Set(
      [...scriptProjects, ...otherProjects].map(({ expect: { framework } }) => framework),
    )
    expect(FRAMEWORKS.map(({ id }) => id).filter(id => !tested.has(id))).toEqual([])
  })

  it('names only frameworks of its own as beaten ones', () => {
    const ids = new Set(FRAMEWORKS.map(({ id }) => id))
    expect(FRAMEWORKS.flatMap(({ beats }) => beats).filter(id => !ids.has(id))).toEqual([])
  })

  it('finds variants that it lists', async () => {
    for (const { files, within = '' } of [...scriptProjects, ...otherProjects]) {
      const { framework, variant } = await withTree(files, folder =>
        detectProject(`${folder}/${within}`, { env: {} }),
      )
      const row = FRAMEWORKS.find(({ id }) => id === framework)
      if (variant !== null) expect(row?.variants, `${framework} ${variant}`).toContain(variant)
    }
  })
})
