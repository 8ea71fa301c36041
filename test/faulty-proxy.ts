import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** What a {@link faultyProxy} does to an answer once `afterBytes` of it have passed. */
export interface Fault {
  readonly kind: 'reset' | 'stall' | 'end';
  readonly afterBytes: number;
}

/** A proxy that breaks connections. */
export interface FaultyProxy {
  readonly endpoint: string;
  /** Faults to come: each connection takes the first of them; with none left, all passes. */
  readonly faults: Fault[];
  /** Connections made so far. */
  connections(): number;
  close(): Promise<void>;
}

/** Stands between a client and a service (`http://host:port`), passes bytes on, and breaks off where it is told to. */
export async function faultyProxy(target: string): Promise<FaultyProxy> {
  const { hostname, port } = new URL(target);
  const faults: Fault[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    const upstream = connect(Number(port), hostname);
    const fault = faults.shift();
    let passed = 0;
    upstream.on('data', (chunk: Buffer) => {
      const left = fault ? fault.afterBytes - passed : chunk.length;
      passed += chunk.length;
      if (left > 0) client.write(chunk.subarray(0, left));
      if (left >= chunk.length) return;
      upstream.pause();
      // Lets what was written leave first.
      if (fault?.kind === 'reset') setTimeout(() => client.resetAndDestroy(), 20);
      if (fault?.kind === 'end') client.end();
    });
    client.pipe(upstream);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      // A broken side ends the other; that is the point here.
      socket.on('error', () => other.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    upstream.on('end', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    faults,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
