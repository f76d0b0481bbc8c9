/** The ground floor knows no feature: tests/set-up.ts hands all of them over, loaded when a house asks for them. */
import type { Feature } from './feature.ts';

let load = (): Promise<readonly Feature[]> => Promise.reject(new Error('Name the features of this house.'));

export const useEveryFeature = (loader: () => Promise<readonly Feature[]>): void => {
  load = loader;
};

export const everyFeature = (): Promise<readonly Feature[]> => load();
