// What a folder is, found out in repositories of 100,000 files: time and CPU of a process that does nothing else, against a
// bare Node start, interleaved, medians; and how many files it opens. Run: node bench/init.mjs (Linux for the count)
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const RUNS = 15
const FILES = 100_000
const BUDGET_MS = 300

const folder = await mkdtemp(join(tmpdir(), 'vapi-bench-'))
try {
  await bundle()
  const small = await makeApplication('small', 0)
  const large = await makeApplication('large', FILES)
  const monorepo = await makeMonorepo('monorepo', FILES)
  const detect = join(folder, 'detect.cjs')
  const cases = [
    { name: 'node -e 0', args: ['-e', '0'] },
    { name: 'an application of 4 files', args: [detect, small] },
    { name: `the same, of ${FILES.toLocaleString('en')}`, args: [detect, large] },
    { name: 'a root of 200 packages', args: [detect, monorepo] },
    { name: 'a package of it', args: [detect, join(monorepo, 'packages/p7')] },
  ]
  const wall = cases.map(() => [])
  const cpu = cases.map(() => [])
  for (let run = 0; run < RUNS; run++) {
    for (const [place, { args }] of cases.entries()) {
      const [realMs, cpuMs] = timesOf(args)
      wall[place].push(realMs)
      cpu[place].push(cpuMs)
    }
  }
  const reference = median(cpu[0])
  for (const [place, { name, args }] of cases.entries()) {
    const over = median(wall[place]) - median(wall[0])
    const opened = place === 0 ? '' : `, ${touched(args)}`
    console.log(
      `${name.padEnd(28)} ${median(wall[place]).toFixed(0).padStart(5)} ms, ${over.toFixed(0)} over Node  ${(median(cpu[place]) / reference).toFixed(2)}× CPU${opened}${place === 0 ? '' : `  (budget ${BUDGET_MS} ms)`}`,
    )
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** Detection alone, as the program has it: CommonJS chunks. */
async function bundle() {
  const entry = join(folder, 'entry.ts')
  const source = fileURLToPath(new URL('../src/init/detect.ts', import.meta.url))
  await symlink(
    fileURLToPath(new URL('../node_modules', import.meta.url)),
    join(folder, 'node_modules'),
    'junction',
  )
  await writeFile(
    entry,
    `import { detectProject } from ${JSON.stringify(source)}\ndetectProject(process.argv[2]!).then(found => process.stdout.write(JSON.stringify(found)))\n`,
  )
  const build = await rolldown({
    input: { detect: entry },
    platform: 'node',
    external: /^node:/,
    resolve: { mainFields: ['module', 'main'] },
    logLevel: 'silent',
  })
  await build.write({
    dir: folder,
    format: 'cjs',
    minify: true,
    exports: 'named',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
  })
  await build.close()
}

/** A Next.js application with so many files, nearly all in node_modules, the rest in its sources. */
async function makeApplication(name, files) {
  const root = join(folder, name)
  await mkdir(join(root, 'src/app'), { recursive: true })
  await mkdir(join(root, '.git'))
  const dependencies = { next: '^16.0.0', react: '^19.0.0', 'react-dom': '^19.0.0' }
  await writeFile(join(root, 'package.json'), JSON.stringify({ name, dependencies }))
  await writeFile(join(root, 'tsconfig.json'), '{}')
  await writeFile(join(root, 'src/app/page.tsx'), '')
  await writeFile(join(root, 'package-lock.json'), '{}')
  await fill(join(root, 'src/components'), Math.floor(files / 50))
  await fill(join(root, 'node_modules'), files - Math.floor(files / 50))
  return root
}

async function makeMonorepo(name, files) {
  const root = join(folder, name)
  await mkdir(join(root, '.git'), { recursive: true })
  await writeFile(
    join(root, 'package.json'),
    JSON.stringify({ private: true, devDependencies: { turbo: '2' } }),
  )
  await writeFile(join(root, 'pnpm-workspace.yaml'), 'packages:\n  - packages/*\n  - apps/**\n')
  await writeFile(join(root, 'pnpm-lock.yaml'), '')
  for (let place = 0; place < 200; place++) {
    const home = join(root, 'packages', `p${place}`)
    await mkdir(join(home, 'src'), { recursive: true })
    const dependencies = place % 2 === 0 ? { react: '^19', 'react-dom': '^19', vite: '7' } : { express: '^5' }
    await writeFile(join(home, 'package.json'), JSON.stringify({ dependencies }))
    await writeFile(join(home, 'src/index.ts'), "import express from 'express'\nexpress().listen(3000)\n")
  }
  await fill(join(root, 'node_modules'), files)
  return root
}

/** Files in folders of fifty, of which every tenth is the package.json of a made-up package. */
async function fill(root, files) {
  for (let first = 0; first < files; first += 50) {
    const home = join(root, `d${first}`)
    await mkdir(home, { recursive: true })
    const names = Array.from({ length: Math.min(50, files - first) }, (_, place) =>
      place % 10 === 0 ? `f${place}/package.json` : `f${place}.tsx`,
    )
    await Promise.all(
      names.map(async name => {
        if (name.includes('/')) await mkdir(join(home, name, '..'), { recursive: true })
        await writeFile(join(home, name), '{}')
      }),
    )
  }
}

/** Elapsed and CPU time of one run, in milliseconds, as the kernel counted them. */
function timesOf(args) {
  const { NODE_EXTRA_CA_CERTS: _certificates, NODE_COMPILE_CACHE: _cache, ...env } = process.env
  const command = `TIMEFORMAT='%R %U %S'; time "$0" "$@" >/dev/null 2>/dev/null`
  const { stderr } = spawnSync('bash', ['-c', command, process.execPath, ...args], { env, encoding: 'utf8' })
  const [real, user, system] = stderr.trim().split(' ').map(Number)
  return [real * 1000, (user + system) * 1000]
}

/** How many files and folders of the project were opened or asked after, where strace can tell. */
function touched(args) {
  const { status, stderr } = spawnSync(
    'strace',
    ['-f', '-e', 'trace=open,openat,stat,lstat,statx,newfstatat,getdents64', process.execPath, ...args],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  if (status !== 0) return 'files not counted (no strace)'
  const lines = stderr.split('\n').filter(line => line.includes(args[1]))
  const opened = lines.filter(line => /\bopen(at)?\(/.test(line)).length
  return `${opened} opened, ${lines.length - opened} asked after`
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}
