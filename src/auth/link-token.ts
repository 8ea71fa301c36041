import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a link's token says, and its signature vouches for. */
export interface LinkClaim {
  /** Number of the key that signed it. */
  readonly keyNumber: number;
  /** 32 hexadecimal digits. */
  readonly linkId: string;
  /** 32 hexadecimal digits. */
  readonly slideId: string;
  /** Unix time, whole seconds. */
  readonly expiresAt: number;
}

/** Version, key, link, slide, expiry. */
const claimBytes = 1 + 4 + 16 + 16 + 6;
const macBytes = 32;
const version = 1;

/** How a token is spelled: exactly these many letters, so that one link has one spelling. */
const pattern = new RegExp(`^[A-Za-z0-9_-]{${((claimBytes + macBytes) * 4) / 3}}$`);

/**
 * The token of a link: its claim and the HMAC-SHA-256 of it, base64url.
 *
 * @param key 32 bytes
 * @see RFC 2104
 */
export function signLink({ keyNumber, linkId, slideId, expiresAt }: LinkClaim, key: Buffer): string {
  const claim = Buffer.alloc(claimBytes);
  claim.writeUInt8(version);
  claim.writeUInt32BE(keyNumber, 1);
  claim.write(linkId, 5, 'hex');
  claim.write(slideId, 21, 'hex');
  claim.writeUIntBE(expiresAt, 37, 6);
  return Buffer.concat([claim, macOf(claim, key)]).toString('base64url');
}

/** What a token says, whoever signed it; undefined when it is no token. */
export function readLink(
  token: string,
): { readonly claim: LinkClaim; isSignedBy(key: Buffer): boolean } | undefined {
  if (!pattern.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  const signed = bytes.subarray(0, claimBytes);
  if (signed.readUInt8() !== version) return undefined;
  const claim = {
    keyNumber: signed.readUInt32BE(1),
    linkId: signed.toString('hex', 5, 21),
    slideId: signed.toString('hex', 21, 37),
    expiresAt: signed.readUIntBE(37, 6),
  };
  return { claim, isSignedBy: (key) => timingSafeEqual(bytes.subarray(claimBytes), macOf(signed, key)) };
}

function macOf(claim: Buffer, key: Buffer): Buffer {
  return createHmac('sha256', key).update(claim).digest();
}
