/** Runs before each test file (vitest.config.ts). */
import { useEveryFeature } from '../src/platform/testing-features.ts';

useEveryFeature(async () => (await import('../src/features.ts')).features);
