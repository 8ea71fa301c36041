import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** A proxy that counts what passes. */
export interface CountingProxy {
  readonly endpoint: string;
  /** Requests so far, retries included. */
  requests(): number;
  close(): Promise<void>;
}

/** Stands before a service (`http://host:port`) and passes requests on as they are, so that signatures stay right. */
export async function countingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  let requests = 0;
  const pass = async (req: IncomingMessage, res: ServerResponse) => {
    const { method, url, headers } = req;
    const upstream = request({ hostname, port, agent, method, path: url, headers, setHost: false });
    const answered = once(upstream, 'response') as Promise<[IncomingMessage]>;
    await Promise.all([pipeline(req, upstream), answered]);
    const [answer] = await answered;
    res.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    await pipeline(answer, res);
  };
  const server = createServer((req, res) => {
    requests += 1;
    pass(req, res).catch(() => res.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    requests: () => requests,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
