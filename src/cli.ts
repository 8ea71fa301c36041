import { enableCompileCache } from 'node:module';
import { ServiceError } from './core/errors.ts';

// Code that was compiled before is not compiled again: it halves the time to start.
enableCompileCache();

/** The commands, each loaded only when it is called, so that a small one starts fast. */
const commands: Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<void>>>> = {
  start: async () => (await import('./commands/start.ts')).start,
  work: async () => (await import('./commands/work.ts')).work,
  serve: async () => (await import('./commands/serve.ts')).serve,
  inspect: async () => (await import('./commands/inspect.ts')).inspect,
  upload: async () => (await import('./commands/upload.ts')).upload,
  watch: async () => (await import('./commands/watch.ts')).watch,
  import: async () => (await import('./commands/import.ts')).importInPlace,
  audit: async () => (await import('./commands/audit.ts')).audit,
  keys: async () => (await import('./commands/keys.ts')).keys,
  user: async () => (await import('./commands/user.ts')).user,
  verify: async () => (await import('./commands/verify.ts')).verify,
  convert: async () => (await import('./commands/convert.ts')).convert,
  backup: async () => (await import('./commands/backup.ts')).backup,
  restore: async () => (await import('./commands/restore.ts')).restore,
  sample: async () => (await import('./commands/sample.ts')).sample,
};

const usage = `telepath: whole-slide pathology service

  telepath start                         the service: database, serve and work (default of npm start)
  telepath work                          does the work of the service: prepares and checks slides
  telepath serve [FILE|FOLDER …]         view slides where they are, without importing them
  telepath inspect FILE [--json]         what a slide file holds
  telepath verify FILE [--key KEY]       a slide: decodes every tile, names the damaged ones;
                                         a report or an exported case: whether every byte is as it was signed
  telepath upload FILE|FOLDER …          sends slides to a service; goes on where it was cut off
           --server URL [--token TOKEN] [--parallel 2] [--patience MINUTES]
  telepath watch FOLDER                  sends what a scanner puts into a folder, each slide once
           --server URL [--token TOKEN] [--settle 30] [--every 10] [--marker .done]
  telepath import FOLDER|s3://…          makes slides of files that stay where they are
           [--organisation NAME] [--pictures] [--dry-run]
  telepath convert SLIDE DEST            DEST: a folder or s3://bucket/prefix
           [--format pyramid|dzi|szi] [--quality 75]
  telepath user add|list|disable|enable|password
           E-MAIL [--name NAME --role ROLE … --organisation NAME] [--stdin]
  telepath keys list|rotate              keys that opinions are signed with; a new one from now on
  telepath audit verify|export …         whether the audit is whole; all of it as a table
  telepath backup DIR                    a consistent copy; may run while the service does
  telepath restore DIR                   into an empty data folder or database
  telepath sample [--width N --height N --out FILE --seed N]
           [--layout svs|pyramid|strips|deflate|jpeg-one-level]

Configuration is by environment variables: see README.md.
`;

/** Runs one command. @returns the exit code */
async function run([name = '--help', ...args]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`telepath: no command ${name}\n\n${usage}`);
    return 2;
  }
  try {
    await (
      await command()
    )(args);
    return 0;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    process.stderr.write(`telepath ${name}: ${error.message}\n`);
    return error.kind === 'invalid' ? 2 : 1;
  }
}

process.exitCode = await run(process.argv.slice(2));
// The channel to a supervisor would keep a process alive that has failed.
if (process.exitCode !== 0 && process.connected) process.exit();
