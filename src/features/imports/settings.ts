/** How a file is to be read: detected, shown, editable. Browser and server share the shape. */
import { z } from 'zod';

export const settingsShape = z.object({
  compression: z.enum(['none', 'gzip']),
  encoding: z.string().max(30),
  delimiter: z.string().length(1),
  quote: z.enum(['"', "'", '']),
  header: z.boolean(),
  /** Rows above the header that are not part of the table. */
  skip_rows: z.number().int().min(0).max(100),
  decimal: z.enum(['.', ',']),
  /** null: dates may be read both ways; must be answered. */
  date_order: z.enum(['ymd', 'dmy', 'mdy', 'epoch']).nullable(),
  /** Zone of times without one (IANA). */
  zone: z.string().max(60),
  /** For amounts without a currency column. null: not named. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'A currency is three capital letters, e.g. EUR.')
    .nullable(),
});
export type Settings = z.infer<typeof settingsShape>;
