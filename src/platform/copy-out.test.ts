import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { copyOut } from './copy-out.ts';
import { openPostgres } from './postgres.ts';
import type { Pool } from './sql.ts';
import type { TestEngines } from './testing-engines.ts';

let pool: Pool;
beforeAll(async () => {
  const engines = (await (await fetch(inject('enginesUrl'))).json()) as TestEngines;
  pool = openPostgres(engines.databaseUrl, { max: 1 });
});
afterAll(() => pool.end({ timeout: 1 }));

// Sizes around what one stream holds: the row that fills it may be the last.
it.each([1, 1_000, 60_000, 65_535, 70_000, 200_000, 2_000_000])('a row of %i letters leaves the connection ready', async size => {
  for (let i = 0; i < 5; i++) {
    let bytes = 0;
    for await (const piece of copyOut(pool.unsafe(`copy (select repeat('x', ${size})) to stdout`).readable()))
      bytes += piece.length;
    expect(bytes).toBe(size + 1);
  }
  expect((await pool`select 1 as one`)[0].one).toBe(1);
});

it('a stream that is left early leaves the connection ready too', async () => {
  for await (const piece of copyOut(
    pool.unsafe(`copy (select repeat('x', 1000) from generate_series(1, 5000)) to stdout`).readable(),
  )) {
    expect(piece.length).toBeGreaterThan(0);
    break;
  }
  expect((await pool`select 1 as one`)[0].one).toBe(1);
});
