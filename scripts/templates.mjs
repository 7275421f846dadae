// Makes JavaScript of the TypeScript in templates/init, for projects that are written in JavaScript: types taken out, formatted.
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { transform } from 'detype'

const SOURCE = 'templates/init'
const FORM = { semi: true, singleQuote: true, printWidth: 90 }

/**
 * Writes `<folder>/<template>/files/…js` for each file of a template that has types. A script of Node is written a second time as
 * CommonJS (`….cjs`), for projects whose `.js` files are that.
 */
export async function writeTemplates(folder) {
  const files = readdirSync(SOURCE, { recursive: true })
    .map(file => file.replaceAll('\\', '/'))
    .filter(
      file => /(^|\/)(files|shared)\/.*\.(m?ts|tsx|vue|svelte)$/.test(file) && !file.includes('/project/'),
    )
  await Promise.all(
    files.map(async file => {
      const target = join(folder, file.replace(/\.(m?)ts(x?)$/, '.$1js$2'))
      const code = readFileSync(join(SOURCE, file), 'utf8')
      // Frameworks of decorators have no projects in JavaScript.
      if (/^@\w+\(/m.test(code)) return
      const plain = file.endsWith('.svelte')
        ? await plainSvelte(code)
        : await plainScript(code, extname(file))
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, plain)
      if (isOfNode(file)) await writeFile(target.replace(/\.js$/, '.cjs'), asCommonJs(plain, file))
    }),
  )
}

function plainScript(code, extension) {
  return transform(code, `file${extension.replace('.mts', '.ts')}`, { prettierOptions: FORM })
}

/** The script of a component without its types; everything else as it is. */
async function plainSvelte(code) {
  const [all, script] = /<script lang="ts">\n([\s\S]*?)<\/script>/.exec(code) ?? []
  if (all === undefined) return code
  // What only the markup uses counts as used too.
  const names = [...script.matchAll(/^ *import \{([^}]*)\}/gm)]
    .flatMap(([, list]) => list.split(','))
    .map(name => name.trim())
    .filter(name => name !== '' && !name.startsWith('type '))
  const marked = await plainScript(`${script}\nusedInMarkup(${names.join(', ')});\n`, '.ts')
  const plain = marked.replace(/\n*usedInMarkup\([\s\S]*?\);/, '')
  return code.replace(all, () => `<script>\n${plain.replace(/^(?=.)/gm, '  ')}</script>`)
}

function isOfNode(file) {
  if (!/\.ts$/.test(file)) return false
  if (file.startsWith('shared/')) return file.startsWith('shared/node/')
  return /^modules: project$/m.test(readFileSync(join(SOURCE, file.split('/')[0], 'template.yaml'), 'utf8'))
}

/** The templates' own imports and exports as CommonJS; what is written in another way than they are stops the build. */
function asCommonJs(code, file) {
  const names = []
  let only = null
  const text = code
    .replace(/^export \{ default \} from ('[^']+');$/gm, 'module.exports = require($1);')
    .replace(/^export default ((?:async )?function) (\w+)/gm, (_all, kind, name) => {
      only = name
      return `${kind} ${name}`
    })
    .replace(/^import \* as (\w+) from ('[^']+');$/gm, 'const $1 = require($2);')
    .replace(/^import (\w+) from ('[^']+');$/gm, 'const $1 = require($2);')
    .replace(
      /^import (\{[^}]*\}) from ('[^']+');$/gm,
      (_all, list, from) => `const ${list.replaceAll(' as ', ': ')} = require(${from});`,
    )
    .replace(/^import ('[^']+');$/gm, 'require($1);')
    .replace(/^export ((?:async )?function\*? |const |let |class )(\w+)/gm, (_all, kind, name) => {
      names.push(name)
      return `${kind}${name}`
    })
  const left = /^(import|export)\b.*$/m.exec(text)
  if (left !== null) throw new Error(`${file}: not known how this is written in CommonJS: ${left[0]}`)
  if (only !== null && names.length > 0) throw new Error(`${file}: a default export beside others`)
  if (only !== null) return `${text}\nmodule.exports = ${only};\n`
  return names.length === 0 ? text : `${text}\nmodule.exports = { ${names.join(', ')} };\n`
}
