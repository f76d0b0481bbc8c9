/** The limit for single calls: a Node HTTP server that parses JSON and answers, and does nothing else. */
import { createServer } from 'node:http';

createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', part => parts.push(part));
  request.on('end', () => {
    JSON.parse(Buffer.concat(parts).toString('utf8'));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true}');
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
