// Size of the package as published. Run after a build: node bench/size.mjs
import { execFileSync } from 'node:child_process'

const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--silent'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }),
)
console.log(
  `package                   ${(packed.size / 1e6).toFixed(2)} MB packed, ${(packed.unpackedSize / 1e6).toFixed(2)} MB unpacked, ${packed.entryCount} files  (budget 3 MB packed)`,
)
