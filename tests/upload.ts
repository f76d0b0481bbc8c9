/** A file through the upload door, with a key of its own; beside `product.request`, which speaks JSON. */
import type { Product } from './product.ts';

const keys = new WeakMap<Product, string>();

/** An API key that may bring files, made once per product. */
export const uploadKey = async (product: Product): Promise<string> => {
  const known = keys.get(product);
  if (known) return known;
  const { secret } = await product.request<{ secret: string }>('POST', '/api/api-keys', {
    name: 'uploads',
    verbs: ['imports:read', 'imports:write'],
    fields: ['contact', 'address', 'money'],
  });
  keys.set(product, secret);
  return secret;
};

export const bringFile = async <T>(product: Product, file: Buffer, name: string): Promise<T> => {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(file)]), name);
  const answer = await fetch(`${product.url}/api/imports`, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${await uploadKey(product)}` },
  });
  if (!answer.ok) throw new Error(`POST /api/imports: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
};
