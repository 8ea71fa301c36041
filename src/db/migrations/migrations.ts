import type { Migration } from 'kysely/migration';
import { slide } from './0001-slide.ts';
import { organisation } from './0002-organisation.ts';
import { accounts } from './0003-accounts.ts';
import { audit } from './0004-audit.ts';
import { uploads } from './0005-uploads.ts';
import { jobs } from './0006-jobs.ts';
import { retention } from './0007-retention.ts';
import { operation } from './0008-operation.ts';
import { imports } from './0009-imports.ts';
import { link } from './0010-link.ts';
import { cases } from './0011-cases.ts';
import { annotations } from './0012-annotations.ts';
import { opinions } from './0013-opinions.ts';
import { mail } from './0014-mail.ts';
import { preferences } from './0015-preferences.ts';
import { coverage } from './0016-coverage.ts';
import { capsules } from './0017-capsules.ts';
import { exports } from './0018-exports.ts';
import { slideFacts } from './0019-slide-facts.ts';

/**
 * Every step of the schema, in order. Names sort as they are listed, are never changed once released, and a step is
 * never edited: what it did wrong the next one mends. There is no way back but a backup.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-slide': { up: slide },
  '0002-organisation': { up: organisation },
  '0003-accounts': { up: accounts },
  '0004-audit': { up: audit },
  '0005-uploads': { up: uploads },
  '0006-jobs': { up: jobs },
  '0007-retention': { up: retention },
  '0008-operation': { up: operation },
  '0009-imports': { up: imports },
  '0010-link': { up: link },
  '0011-cases': { up: cases },
  '0012-annotations': { up: annotations },
  '0013-opinions': { up: opinions },
  '0014-mail': { up: mail },
  '0015-preferences': { up: preferences },
  '0016-coverage': { up: coverage },
  '0017-capsules': { up: capsules },
  '0018-exports': { up: exports },
  '0019-slide-facts': { up: slideFacts },
};
