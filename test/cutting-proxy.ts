import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A line that is cut again and again. */
export interface CuttingProxy {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Times that at least one connection was cut. */
  cuts(): number;
  close(): Promise<void>;
}

/**
 * Stands between a client and a service, passes bytes on, and cuts every connection now and then: resets it towards
 * the client, and leaves the service to find out or, every second time, tells it nothing at all.
 *
 * @param everyMs time between two cuts
 */
export async function cuttingProxy(target: string, everyMs: number): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    client.pipe(upstream).pipe(client);
    for (const socket of pair) {
      // A broken side ends the other: that is the point here.
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
      });
    }
    client.on('close', () => {
      if (!silent.has(upstream)) upstream.destroy();
    });
    upstream.on('close', () => client.destroy());
  });
  /** Connections of which the service is not told that nobody is at the other end. */
  const silent = new Set<Socket>();
  const timer = setInterval(() => {
    if (pairs.size === 0) return;
    cuts += 1;
    for (const [client, upstream] of pairs) {
      if (cuts % 2 === 0) silent.add(upstream);
      client.unpipe(upstream);
      client.resetAndDestroy();
    }
  }, everyMs);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    cuts: () => cuts,
    close: async () => {
      clearInterval(timer);
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      for (const socket of silent) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
