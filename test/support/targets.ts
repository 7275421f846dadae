import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import express from 'express'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './program.ts'

/**
 * Servers of several makes that answer alike: `POST` with the body that they got; `/status/NNN` with that status;
 * `/redirect` with a redirect to `/elsewhere`; `/stream` with three pieces.
 */
export const targets = { express: startExpress, python: startPython, nginx: startNginx } as const

export async function startExpress(): Promise<number> {
  const app = express()
  app.use(express.raw({ type: () => true, limit: '30mb', inflate: false }))
  app.all('/status/:status', (request, reply) => {
    reply.status(Number(request.params.status)).send('as asked')
  })
  app.all('/redirect', (_request, reply) => reply.redirect('/elsewhere'))
  app.all('/stream', (_request, reply) => {
    for (const piece of ['one ', 'two ', 'three']) reply.write(piece)
    reply.end()
  })
  app.all('/*path', (request, reply) => {
    reply
      .set('content-type', 'application/octet-stream')
      .send(Buffer.isBuffer(request.body) ? request.body : '')
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

const PYTHON = `
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def read(self):
        if self.headers.get('transfer-encoding') == 'chunked':
            body = b''
            while True:
                size = int(self.rfile.readline(), 16)
                body += self.rfile.read(size)
                self.rfile.readline()
                if size == 0: return body
        return self.rfile.read(int(self.headers.get('content-length', 0)))
    def answer(self, status, body, headers={}):
        self.send_response(status)
        for name, value in headers.items(): self.send_header(name, value)
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        body = self.read()
        if self.path.startswith('/status/'): return self.answer(int(self.path[8:]), b'as asked')
        if self.path == '/redirect': return self.answer(302, b'', {'location': '/elsewhere'})
        if self.path == '/stream':
            self.send_response(200)
            self.send_header('transfer-encoding', 'chunked')
            self.end_headers()
            for piece in (b'one ', b'two ', b'three', b''): self.wfile.write(b'%x\\r\\n%s\\r\\n' % (len(piece), piece))
            return
        self.answer(200, body)
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
`

export async function startPython(): Promise<number> {
  const child = spawn('python3', ['-c', PYTHON], { stdio: ['ignore', 'pipe', 'inherit'] })
  endWithTest(child)
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return Number(line)
}

/** nginx cannot echo: it hands the body on to Express, so that its own reading and writing are in between. */
export async function startNginx(): Promise<number> {
  const folder = temporaryFolder()
  const [port, behind] = [await freePort(), await startExpress()]
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; user root; pid ${folder}/pid; error_log ${folder}/error.log; events {}
http {
  access_log off; client_max_body_size 30m; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    location = /redirect { return 302 /elsewhere; absolute_redirect off; }
    location / { proxy_pass http://127.0.0.1:${behind}; proxy_http_version 1.1; }
  }
}`,
  )
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'ignore' })
  endWithTest(child)
  for (;;) {
    const open = await fetch(`http://127.0.0.1:${port}/redirect`, { redirect: 'manual' }).catch(() => null)
    if (open !== null) return port
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`)
  }
}

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

function endWithTest(child: ChildProcess): void {
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    child.kill()
    await once(child, 'exit')
  })
}
