// Bundles the scripts of pages: TypeScript that runs in a browser, typed by the tsconfig.json beside it.
import { rolldown } from 'rolldown'

const pages = { inspector: 'src/listen/inspector/browser/main.ts' }

/** Writes the script of each page into `folder` (usually dist/pages). */
export async function writePages(folder) {
  for (const [name, input] of Object.entries(pages)) {
    const build = await rolldown({ input: { [name]: input }, platform: 'browser', logLevel: 'warn' })
    await build.write({ dir: folder, entryFileNames: '[name].js', format: 'iife', minify: true })
    await build.close()
  }
}
