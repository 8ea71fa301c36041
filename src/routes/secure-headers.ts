import { Router } from 'express';
import helmet, { strictTransportSecurity } from 'helmet';
import { isEncrypted, type Line } from '../auth/request-proof.ts';

/** Half a year: how long a browser that came over TLS comes over nothing else. */
const transportSeconds = 180 * 86_400;

/**
 * Headers for pages: everything from here, nothing from elsewhere.
 *
 * `Strict-Transport-Security` only where the request came encrypted, for this host name alone and on no preload list: a
 * service on the machine itself speaks plain HTTP.
 */
export function secureHeaders(line: Line): Router {
  const strict = strictTransportSecurity({ maxAge: transportSeconds, includeSubDomains: false });
  const router = Router();
  router.use((req, res, next) => (isEncrypted(req, line) ? strict(req, res, next) : next()));
  router.use(documentHeaders());
  return router;
}

function documentHeaders() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Where it belongs, the router has said so.
    strictTransportSecurity: false,
  });
}
