import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { ServiceError } from '../core/errors.ts';

/** What a command was called with. */
export interface Arguments<T extends ParseArgsOptionsConfig> {
  readonly values: ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>['values'];
  readonly positionals: readonly string[];
}

/** Reads a command's options. @throws {ServiceError} `invalid`, naming the option that is wrong */
export function readArguments<T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
): Arguments<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new ServiceError('invalid', error instanceof Error ? error.message : String(error));
  }
}

/** An option that must be a whole number of at least one. @throws {ServiceError} `invalid` */
export function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new ServiceError('invalid', `--${name} ${text}: give a whole number, at least 1`);
  return Number(text);
}
