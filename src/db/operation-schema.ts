import type { ColumnType } from 'kysely';

/** Tables of what runs. */
export interface OperationSchema {
  process_report: ProcessReportTable;
  process_sample: ProcessSampleTable;
}

/** A process that serves or works, as it is now. */
export interface ProcessReportTable {
  /** 32 hexadecimal digits, new at every start. */
  process_id: string;
  host: string;
  kind: 'serve' | 'work';
  pid: number;
  started_at: ColumnType<Date, string, never>;
  /** By the database's clock, as are the times of samples: machines' clocks differ. */
  seen_at: ColumnType<Date, never, never>;
  /** All its metrics, as prom-client gives them as JSON. */
  metrics: ColumnType<unknown, string, string>;
}

/** What a process did within one step. */
export interface ProcessSampleTable {
  process_id: string;
  at: ColumnType<Date, never, never>;
  /** `Sample` of src/operation/sample.ts. */
  sample: ColumnType<unknown, string, never>;
}
