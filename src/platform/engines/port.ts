import { createServer } from 'node:net';
import { StartError } from '../start-error.ts';

/** A loopback port that is free now, other than `but`; who binds it must be ready to ask again. */
export const freePort = async (but?: number): Promise<number> => {
  const port = await anyPort();
  return port === but ? freePort(but) : port;
};

const anyPort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/** Says in one sentence that nobody can listen there, before anything is started. */
export const checkPort = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', error => reject(explainPort(error as NodeJS.ErrnoException, host, port)));
    server.listen(port, host, () => server.close(() => resolve()));
  });

const explainPort = (error: NodeJS.ErrnoException, host: string, port: number): Error => {
  if (error.code === 'EADDRINUSE')
    return new StartError(
      `Port ${port} is in use by another program: stop it, or choose another one, for example PORT=${port + 1} npm start.`,
    );
  if (error.code === 'EACCES')
    return new StartError(`Port ${port} needs more rights than this user has: choose one above 1023, for example PORT=3000.`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new StartError(
      `HOST=${host} is not an address of this machine: use 127.0.0.1 for this machine alone, or 0.0.0.0 for all of its addresses.`,
    );
  return error;
};
