import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../support/program.ts'
import { requires, requiresFiles } from '../../support/requires.ts'
import { expectContract, expectEveryEvent, expectRefusal } from './webhook-contract.ts'
import { startServer, writtenProject } from './written-project.ts'

const CRATES = '/usr/share/cargo/registry'
const PORT = /port: (\d+)/
const missing = requires('cargo') || requiresFiles(`${CRATES}/serde_json-1.0.87`)

/** A server of the standard library alone, in the place of Axum and Actix, which are in no registry that the tests reach. */
const SERVER = `#[path = "vapi/tools.rs"]
mod tools;
#[path = "vapi/webhook.rs"]
mod webhook;

use std::future::Future;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};

struct Nothing;
impl Wake for Nothing {
    fn wake(self: Arc<Self>) {}
}

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("port: {}", listener.local_addr().unwrap().port());
    for stream in listener.incoming() {
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stream.unwrap());
            let (mut length, mut secret) = (0, None);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let Some((name, value)) = line.trim().split_once(": ") else {
                    if line.trim().is_empty() { break } else { continue }
                };
                match name.to_lowercase().as_str() {
                    "content-length" => length = value.parse().unwrap(),
                    "x-vapi-secret" => secret = Some(value.to_owned()),
                    _ => {}
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            assert!(length < webhook::MAX_BODY_BYTES);
            let waker = Arc::new(Nothing).into();
            let mut answer = Box::pin(webhook::answer(secret.as_deref(), &body));
            let Poll::Ready((status, reply)) = answer.as_mut().poll(&mut Context::from_waker(&waker)) else { panic!() };
            let reply = reply.to_string();
            write!(
                reader.get_mut(),
                "HTTP/1.1 {status} Said\\r\\nContent-Type: application/json\\r\\nContent-Length: {}\\r\\nConnection: close\\r\\n\\r\\n{reply}",
                reply.len()
            ).unwrap();
        });
    }
}
`

/** Compiles what answers, with the crates of Debian. */
function compiled(root: string): string {
  const folder = temporaryFolder()
  cpSync(join(root, 'src/vapi'), join(folder, 'src/vapi'), { recursive: true })
  mkdirSync(join(folder, '.cargo'))
  const source = `[source.crates-io]\nreplace-with = "debian"\n\n[source.debian]\ndirectory = "${CRATES}"\n`
  writeFileSync(join(folder, '.cargo/config.toml'), source)
  writeFileSync(
    join(folder, 'Cargo.toml'),
    '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nserde_json = "1"\n',
  )
  writeFileSync(join(folder, 'src/main.rs'), SERVER)
  const env = { ...process.env, RUSTFLAGS: '-D warnings', CARGO_BUILD_JOBS: '1' }
  const built = spawnSync('cargo', ['build', '--offline', '--quiet'], { cwd: folder, env, encoding: 'utf8' })
  expect(built.stderr).toBe('')
  return join(folder, 'target/debug/demo')
}

describe('vapi init in projects of Rust', () => {
  it('adds the module and the route', async () => {
    const axum = await writtenProject('axum')
    expect(axum.report.byHand).toEqual([])
    expect(axum.text('src/main.rs')).toMatch(/^mod vapi;\n\nuse axum::/)
    expect(axum.text('src/main.rs')).toContain('let app = Router::new().merge(vapi::routes()).route("/",')
    const actix = await writtenProject('actix')
    expect(actix.text('src/main.rs')).toContain('App::new().configure(vapi::configure).route("/",')
    expect(actix.report.installs.map(({ command }) => command.join(' '))).toEqual([
      'cargo add serde_json',
      'cargo add --dev --features json reqwest',
      'cargo add --dev --features macros,rt-multi-thread tokio',
    ])
  })

  it.skipIf(missing)(
    `have a webhook that answers every message of the platform${missing === false ? '' : ` (${missing})`}`,
    { timeout: 180_000 },
    async () => {
      const { root } = await writtenProject('axum')
      const program = compiled(root)
      const [guarded, open] = await Promise.all([
        startServer(root, [program], PORT),
        startServer(root, [program], PORT, { VAPI_WEBHOOK_SECRET: '' }),
      ])
      await expectEveryEvent(guarded)
      await expectContract(guarded)
      await expectRefusal(open)
    },
  )
})
